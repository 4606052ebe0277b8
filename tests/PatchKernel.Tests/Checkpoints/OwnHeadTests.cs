using System.Text.Json.Nodes;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>An lm_head.weight beside tie_word_embeddings: used where it is another matrix, as transformers 5 does, and said.</summary>
public sealed class OwnHeadTests : IDisposable
{
    private const string Head = "lm_head.weight";
    private const string Embedding = "model.embed_tokens.weight";

    private static readonly string Case = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "cases", "tied-config-own-head");
    private static readonly int[] Ids = [5, 9, 3];

    private readonly ChangedCheckpoint changed = new(Case);

    public void Dispose() => changed.Dispose();

    private static float[] Logits(string folder, Residency residency = Residency.All)
    {
        using var model = LanguageModel.Load(folder, device: "cpu", residency: residency);
        return model.NextTokenLogits(Ids);
    }

    private float[] UntiedLogits()
    {
        using var untied = new ChangedCheckpoint(Case);
        foreach (var (name, tensor) in changed.Tensors) untied.Tensors[name] = tensor;
        untied.Config["tie_word_embeddings"] = false;
        return Logits(untied.Write());
    }

    [Fact]
    public void The_case_has_transformers_5_s_answer_and_a_warning()
    {
        using var checkpoint = Checkpoint.Open(Case);
        Assert.False(checkpoint.Config.TiedEmbeddings);
        Assert.Contains("has an lm_head.weight that isn't its embedding", Assert.Single(checkpoint.Warnings), StringComparison.Ordinal);
        var run = CliRun.Of("predict", "--model", Case, "--ids", "5,9,3", "--top", "1");
        Assert.Matches(@"\n +1 +106 +0\.0186 +1\.771\n", run.Success());
        Assert.Single(run.Error.Split('\n'), line => line.Contains("lm_head.weight", StringComparison.Ordinal));
    }

    [Fact]
    public void The_warning_calls_the_head_what_the_family_calls_it()
    {
        using var folder = new TemporaryFolder();
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(TinyCase.Folder("pythia"), "config.json")))!;
        config["tie_word_embeddings"] = true;
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        File.Copy(Path.Combine(TinyCase.Folder("pythia"), "model.safetensors"), folder.File("model.safetensors"));
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Contains("has an embed_out.weight that isn't its embedding", Assert.Single(checkpoint.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_head_that_is_the_embedding_is_tied_without_a_word_whatever_either_is_stored_in(ScalarType stored)
    {
        changed.Tensors[Embedding] = changed.Tensors[Embedding].to(ScalarType.BFloat16).to(ScalarType.Float32);
        changed.Tensors[Head] = changed.Tensors[Embedding].to(stored);
        using var model = LanguageModel.Load(changed.Write(), device: "cpu");
        Assert.True(model.Config.TiedEmbeddings);
        Assert.Empty(model.Warnings);
        Assert.Equal(UntiedLogits(), model.NextTokenLogits(Ids));
    }

    [Theory]
    [InlineData(Residency.All)]
    [InlineData(Residency.Streamed)]
    public void One_entry_that_opening_doesnt_look_at_is_found_by_loading(Residency residency)
    {
        changed.Tensors[Head] = changed.Tensors[Embedding].clone();
        changed.Tensors[Head][1, 3].add_(Scalars.Of(0.5), Scalars.Of(1));
        var folder = changed.Write();
        using (var checkpoint = Checkpoint.Open(folder))
        {
            Assert.True(checkpoint.Config.TiedEmbeddings);
            Assert.Empty(checkpoint.Warnings);
        }
        Assert.Equal(UntiedLogits(), Logits(folder, residency));
        var run = CliRun.Of("predict", "--model", folder, "--ids", "5,9,3");
        run.Success();
        Assert.Single(run.Error.Split('\n'), line => line.Contains("lm_head.weight", StringComparison.Ordinal));
    }

    [Fact]
    public void Opening_reads_some_rows_of_both_and_no_more()
    {
        changed.Tensors[Head] = changed.Tensors[Embedding].clone();
        using var checkpoint = Checkpoint.Open(changed.Write());
        var (embedding, head) = (WeightLayout.Embedding(checkpoint.Config), WeightLayout.Head(checkpoint.Config));
        Assert.InRange(checkpoint.BytesRead(embedding), 1, 16 * embedding.Shape[1] * sizeof(float));
        Assert.Equal(checkpoint.BytesRead(embedding), checkpoint.BytesRead(head));
    }

    [Fact]
    public void A_head_alone_is_the_embedding_too_where_both_are_tied()
    {
        changed.Tensors[Head] = changed.Tensors[Embedding].clone();
        var expected = UntiedLogits();
        changed.Tensors.Remove(Embedding);
        using var model = LanguageModel.Load(changed.Write(), device: "cpu", residency: Residency.Streamed);
        Assert.Empty(model.Warnings);
        Assert.Equal(expected, model.NextTokenLogits(Ids));
    }

    [Fact]
    public void Without_the_embedding_a_model_that_isnt_tied_is_refused()
    {
        changed.Tensors.Remove(Embedding);
        changed.Config["tie_word_embeddings"] = false;
        Assert.Contains("1 missing: model.embed_tokens.weight", Assert.Throws<PatchKernelException>(() => Checkpoint.Open(changed.Write())).Message, StringComparison.Ordinal);
    }
}
