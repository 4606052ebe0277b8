using PatchKernel.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>Folders as the hub stores them, and everything that can be wrong with one.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly CheckpointFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static void Says(string message, params string[] parts)
    {
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }

    private static string TinyFolder(string name) => Path.Exists(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", name))
        ? TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", name)
        : TestData.Golden("oracle", "tiny", name);

    [Theory]
    [InlineData("head-dim-and-biases", ScalarType.Float32)]
    [InlineData("llama3.2-tied-gqa-rope3", ScalarType.Float32)]
    [InlineData("sharded-bf16", ScalarType.BFloat16)]
    [InlineData("float16", ScalarType.Float16)]
    [InlineData("linear-rope", ScalarType.Float32)]
    [InlineData("llama2-mha-untied", ScalarType.Float32)]
    public void A_checkpoint_opens_and_every_weight_has_its_shape(string name, ScalarType stored)
    {
        using var checkpoint = Checkpoint.Open(TinyFolder(name));
        Assert.Equal((name, stored, false), (checkpoint.Name, checkpoint.StoredDtype, checkpoint.HasTokenizer));
        Assert.Empty(checkpoint.Warnings);
        foreach (var weight in WeightLayout.All(checkpoint.Config))
        {
            using var tensor = checkpoint.Read(weight, ScalarType.Float32, CPU);
            Assert.Equal(weight.Shape, tensor.shape);
            Assert.True(tensor.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void Rope_of_either_spelling_comes_out_of_a_real_file()
    {
        using var old = Checkpoint.Open(TinyFolder("llama3.2-tied-gqa-rope3"));
        using var newer = Checkpoint.Open(TinyFolder("head-dim-and-biases"));
        Assert.Equal(new RopeConfig.Llama3(1000, 32, 1, 4, 64), old.Config.Rope);
        Assert.Equal(new RopeConfig.Plain(500000), newer.Config.Rope);
        Assert.True(newer.Config is { Biases: Matrices.Attention | Matrices.Mlp, DHead: 10, NKeyValueHeads: 3 });
    }

    [Fact]
    public void A_folder_given_with_a_slash_at_its_end_has_its_name()
    {
        using var checkpoint = Checkpoint.Open(TinyFolder("sharded-bf16") + "/");
        Assert.Equal("sharded-bf16", checkpoint.Name);
    }

    [Fact]
    public void A_weight_belongs_to_the_caller_s_scope()
    {
        using var checkpoint = Checkpoint.Open(TinyFolder("sharded-bf16"));
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Tensor kept;
        using (NewDisposeScope()) kept = checkpoint.Read(WeightLayout.Embedding(checkpoint.Config), ScalarType.Float32, CPU);
        Assert.True(kept.IsInvalid);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void No_such_folder_is_one_sentence() =>
        Assert.Equal("There is no model folder '/no/such/model'; give a folder, a .gguf file, or a name on the hub, org/name.", Assert.Throws<PatchKernelException>(() => Checkpoint.Open("/no/such/model")).Message);

    [Fact]
    public void A_file_instead_of_a_folder_is_refused() =>
        Says(Assert.Throws<PatchKernelException>(() => Checkpoint.Open(folder.File("config.json"))).Message, "is a file", "give the folder");

    [Fact]
    public void A_folder_without_config_is_refused()
    {
        File.Delete(folder.File("config.json"));
        Says(folder.Refusal(), folder.Path, "no config.json");
    }

    [Fact]
    public void A_folder_without_weights_is_refused() => Says(folder.Refusal(), folder.Path, "neither model.safetensors nor model.safetensors.index.json");

    [Fact]
    public void A_pickle_is_refused_with_what_to_do()
    {
        File.WriteAllText(folder.File("pytorch_model.bin"), "");
        Says(folder.Refusal(), "pytorch_model.bin", "save the model as safetensors");
    }

    [Fact]
    public void A_folder_without_tokenizer_opens_and_says_so_when_it_is_asked_for_one()
    {
        folder.WriteTensors(folder.Wanted());
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.False(checkpoint.HasTokenizer);
        Says(Assert.Throws<PatchKernelException>(() => checkpoint.Tokenizer).Message, "no tokenizer.json", "token ids");
    }

    [Fact]
    public void The_tokenizer_is_not_read_before_it_is_asked_for()
    {
        folder.WriteTensors(folder.Wanted());
        using var checkpoint = Checkpoint.Open(folder.Path);
        File.WriteAllText(folder.File("tokenizer.json"), "{");
        Assert.False(checkpoint.HasTokenizer);
        Says(Assert.Throws<PatchKernelException>(() => checkpoint.Tokenizer).Message, "tokenizer.json");
    }

    [Fact]
    public void Missing_unexpected_and_wrong_tensors_are_listed_together()
    {
        var tensors = folder.Wanted();
        tensors.Remove("model.layers.1.mlp.up_proj.weight");
        tensors["model.layers.0.self_attn.q_proj.bias"] = ("F32", 4, [8]);
        tensors["model.embed_tokens.weight"] = ("F32", 4, [11, 8]);
        tensors["lm_head.weight"] = ("I32", 4, [10, 8]);
        folder.WriteTensors(tensors);
        Says(folder.Refusal(),
            folder.Path, "1 missing: model.layers.1.mlp.up_proj.weight [12, 8];", "1 unexpected: model.layers.0.self_attn.q_proj.bias [8] in model.safetensors;",
            "model.embed_tokens.weight is [11, 8] in model.safetensors and [10, 8] by the config;", "lm_head.weight is I32 in model.safetensors.");
    }

    [Fact]
    public void A_long_list_is_cut()
    {
        folder.WriteTensors([]);
        Says(folder.Refusal(), "21 missing: model.embed_tokens.weight [10, 8], ", " and 11 more.");
    }

    [Fact]
    public void An_unembedding_beside_tied_embeddings_that_could_not_be_used_is_refused()
    {
        var config = CheckpointFolder.SmallConfig();
        config["tie_word_embeddings"] = true;
        folder.WriteConfig(config);
        var tensors = folder.Wanted();
        tensors["lm_head.weight"] = ("F32", 4, [11, 8]);
        folder.WriteTensors(tensors);
        Says(folder.Refusal(), "1 of another shape: lm_head.weight is [11, 8] in model.safetensors and [10, 8] by the config.");
        tensors["lm_head.weight"] = ("I32", 4, [10, 8]);
        folder.WriteTensors(tensors);
        Says(folder.Refusal(), "lm_head.weight is I32 in model.safetensors.");
    }

    [Fact]
    public void Warnings_of_the_config_are_handed_on()
    {
        var config = CheckpointFolder.SmallConfig();
        config["flux"] = 1;
        folder.WriteConfig(config);
        folder.WriteTensors(folder.Wanted());
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Contains("flux", Assert.Single(checkpoint.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Most_weights_dtype_is_the_stored_one()
    {
        var tensors = folder.Wanted();
        foreach (var key in tensors.Keys.Where(key => key.Contains("proj", StringComparison.Ordinal)))
            tensors[key] = ("BF16", 2, tensors[key].Shape);
        folder.WriteTensors(tensors);
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(ScalarType.BFloat16, checkpoint.StoredDtype);
    }

    [Theory]
    [InlineData("\"../other/model.safetensors\"")]
    [InlineData("\"/etc/model.safetensors\"")]
    [InlineData("\"sub\\\\model.safetensors\"")]
    [InlineData("\"C:model.safetensors\"")]
    [InlineData("\"..\"")]
    [InlineData("\"model.bin\"")]
    [InlineData("\"a\\u0000.safetensors\"")]
    [InlineData("7")]
    [InlineData("null")]
    public void An_index_that_leads_elsewhere_is_refused(string shard)
    {
        File.WriteAllText(folder.File("model.safetensors.index.json"), $$$"""{"weight_map": {"x": {{{shard}}}}}""");
        Says(folder.Refusal(), "model.safetensors.index.json", "places the tensor 'x' in", "isn't the name of a .safetensors file");
    }

    [Theory]
    [InlineData("{}", "no weight_map")]
    [InlineData("{\"weight_map\": []}", "no weight_map")]
    [InlineData("{\"weight_map\": {\"x\": \"a.safetensors\", \"x\": \"b.safetensors\"}}", "isn't valid JSON")]
    public void A_broken_index_is_refused(string text, string said)
    {
        File.WriteAllText(folder.File("model.safetensors.index.json"), text);
        Says(folder.Refusal(), "model.safetensors.index.json", said);
    }

    [Fact]
    public void Missing_shards_are_all_listed()
    {
        folder.WriteTensors(folder.Wanted(), "2.safetensors");
        folder.WriteIndex([("a", "1.safetensors"), ("b", "2.safetensors"), ("c", "3.safetensors")]);
        Says(folder.Refusal(), "aren't there: 1.safetensors, 3.safetensors;");
    }

    [Fact]
    public void A_shard_without_what_the_index_places_in_it_is_refused_by_both_names()
    {
        var tensors = folder.Wanted();
        folder.WriteIndex(tensors.Keys.Select((key, i) => (key, i < 3 ? "1.safetensors" : "2.safetensors")));
        folder.WriteTensors(tensors.Take(2).ToDictionary(), "1.safetensors");
        folder.WriteTensors(tensors.Skip(2).ToDictionary(), "2.safetensors"); // the third one is in the other file
        var moved = tensors.Keys.ElementAt(2);
        Says(folder.Refusal(), $"1 missing: {moved}", "(the index places it in 1.safetensors)", $"1 unexpected: {moved}", "in 2.safetensors");
    }

    [Fact]
    public void A_broken_shard_is_refused_by_its_name()
    {
        var tensors = folder.Wanted();
        folder.WriteIndex(tensors.Keys.Select((key, i) => (key, i < 3 ? "1.safetensors" : "2.safetensors")));
        folder.WriteTensors(tensors.Take(3).ToDictionary(), "1.safetensors");
        folder.WriteTensors(tensors.Skip(3).ToDictionary(), "2.safetensors");
        using (var file = File.OpenWrite(folder.File("2.safetensors"))) file.SetLength(file.Length - 10);
        Says(folder.Refusal(), "2.safetensors", "cut off");
    }

    [Fact]
    public void A_refused_folder_is_let_go()
    {
        folder.WriteTensors([]);
        folder.Refusal();
        using var exclusive = new FileStream(folder.File("model.safetensors"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.True(exclusive.CanWrite);
    }
}
