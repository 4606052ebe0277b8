using PatchKernel.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>Tensors under other names than a Llama model's, and those that a model doesn't need.</summary>
public sealed class TensorNameTests : IDisposable
{
    private const string Frequencies = "model.layers.0.self_attn.rotary_emb.inv_freq";

    private static readonly string Tiny = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "llama3.2-tied-gqa-rope3");
    private static readonly string Untied = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "head-dim-and-biases");

    public void Dispose() => scope.Dispose();

    private readonly DisposeScope scope = NewDisposeScope();

    private static string Without(string prefix, string name) => name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;

    private static float[] Logits(string folder)
    {
        using var model = LanguageModel.Load(folder, device: "cpu");
        Assert.Empty(model.Warnings);
        return model.NextTokenLogits([1, 2, 3]);
    }

    [Fact]
    public void Names_of_a_base_model_saved_alone_are_taken_as_transformers_takes_them()
    {
        foreach (var source in (string[])[Tiny, Untied])
        {
            using var changed = new ChangedCheckpoint(source);
            changed.Rename(name => Without("model.", name));
            Assert.Equal(Logits(source), Logits(changed.Write()));
        }
    }

    [Fact]
    public void A_tensor_under_both_names_is_refused()
    {
        using var changed = new ChangedCheckpoint(Tiny);
        changed.Tensors["norm.weight"] = changed.Tensors["model.norm.weight"];
        Assert.Contains("1 unexpected: norm.weight", Assert.Throws<PatchKernelException>(() => Checkpoint.Open(changed.Write())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base_model.model.", "merge_and_unload")]
    [InlineData("module.", "DataParallel")]
    [InlineData("_orig_mod.", "compiled")]
    [InlineData("language_model.", "save the inner one alone")]
    [InlineData("a\u001b[31m.", "save the inner one alone")]
    public void A_prefix_of_all_names_is_said(string prefix, string advice)
    {
        foreach (var source in (string[])[Tiny, Untied])
        {
            using var changed = new ChangedCheckpoint(source);
            changed.Rename(name => prefix + name);
            var message = Assert.Throws<PatchKernelException>(() => Checkpoint.Open(changed.Write())).Message;
            Assert.Contains($"their names begin with '{prefix.Replace("\u001b", "\\u001b", StringComparison.Ordinal)}': ", message, StringComparison.Ordinal);
            Assert.Contains(advice, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("transformer.")]
    [InlineData("model.language_model.")]
    public void A_prefix_in_the_base_model_s_place_is_said(string prefix)
    {
        using var changed = new ChangedCheckpoint(Tiny);
        changed.Rename(name => prefix + Without("model.", name));
        Assert.Contains($"their names begin with '{prefix}': ", Assert.Throws<PatchKernelException>(() => Checkpoint.Open(changed.Write())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", 10000.0, ScalarType.Float32)]
    [InlineData("{}", 10000.0, ScalarType.BFloat16)]
    [InlineData("{}", 10000.0, ScalarType.Float16)]
    [InlineData("""{"rope_theta": 500000}""", 500000.0, ScalarType.Float16)]
    [InlineData("""{"rope_scaling": {"rope_type": "linear", "factor": 4}}""", 10000.0, ScalarType.Float32)]
    public void Stored_frequencies_that_are_the_config_s_are_passed_over(string keys, double theta, ScalarType stored)
    {
        using var changed = With(keys, tensor(new RopeConfig.Plain(theta).Frequencies(64, length: 0)).to(stored));
        using var checkpoint = Checkpoint.Open(changed.Write());
        Assert.Empty(checkpoint.Warnings);
    }

    [Theory]
    [InlineData("{}", 500000.0, 64)]
    [InlineData("""{"rope_theta": 500000}""", 10000.0, 64)]
    [InlineData("{}", 10000.0, 32)]
    public void Stored_frequencies_that_are_not_the_config_s_give_a_warning(string keys, double theta, int width)
    {
        using var changed = With(keys, tensor(new RopeConfig.Plain(theta).Frequencies(width, length: 0)));
        using var checkpoint = Checkpoint.Open(changed.Write());
        var warning = Assert.Single(checkpoint.Warnings);
        Assert.Contains(Frequencies, warning, StringComparison.Ordinal);
        Assert.Contains("the config's are used, as transformers does", warning, StringComparison.Ordinal);
    }

    /// <summary>A model with heads 64 wide, whose lowest frequencies float16 has few bits for.</summary>
    private static ChangedCheckpoint With(string keys, Tensor frequencies)
    {
        var changed = new ChangedCheckpoint(Untied);
        foreach (var key in (string[])["rope_theta", "rope_scaling", "rope_parameters"]) changed.Config.Remove(key);
        changed.Config["head_dim"] = 64;
        foreach (var (key, value) in System.Text.Json.Nodes.JsonNode.Parse(keys)!.AsObject()) changed.Config[key] = value!.DeepClone();
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), changed.Config.ToJsonString());
        foreach (var weight in WeightLayout.All(ConfigReader.Read(folder.File("config.json")).Config)) changed.Tensors[weight.Key] = zeros(weight.Shape);
        changed.Tensors[Frequencies] = frequencies;
        return changed;
    }
}
