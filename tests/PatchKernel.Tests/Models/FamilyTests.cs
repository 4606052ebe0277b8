using PatchKernel.Models;

namespace PatchKernel.Tests.Models;

/// <summary>The families beside Llama: their trees, and their GGUF files, against transformers.</summary>
public sealed class FamilyTests
{
    private const float Tolerance = 1e-4f;

    public static TheoryData<string> Gguf { get; } =
        ["gemma2", "gemma3", "gpt2", "llama-biases", "llama-yarn", "olmo2", "phi3", "phi3-longrope", "pythia", "qwen2", "qwen3", "smollm3"];

    [Fact]
    public void Every_family_is_in_the_table() => Assert.Equal(
        typeof(Family).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Family)) && !type.IsAbstract).Select(type => type.Name).Order(),
        FamilyTable.All.Select(family => family.GetType().Name).Order());

    [Theory, MemberData(nameof(TinyCase.OfFamilies), MemberType = typeof(TinyCase))]
    public void The_tree_is_printed_as_transformers_prints_it(string name)
    {
        var (folder, settings) = (TinyCase.Folder(name), ModelSettings.Load(TinyCase.Folder(name)));
        Assert.Empty(settings.Warnings);
        var tree = ModelTree.Of(settings.Config);
        if (File.Exists(Path.Combine(folder, "tree.txt"))) Assert.Equal(File.ReadAllText(Path.Combine(folder, "tree.txt")).TrimEnd(), tree.ToString());
        // The tree counts by slots, the layout by what is stored.
        Assert.Equal(WeightLayout.All(settings.Config).Sum(weight => weight.Elements), tree.Parameters);
    }

    [Theory, MemberData(nameof(Gguf))]
    public void A_GGUF_file_by_llama_cpp_s_converter_gives_transformers_logits(string name)
    {
        var arrays = new GoldenArrays(TestData.Golden("oracle", "gguf", "families", $"{name}.safetensors"));
        using var model = LanguageModel.Load(TestData.Golden("oracle", "gguf", "families", $"{name}.gguf"), device: "cpu");
        Assert.DoesNotContain(model.Warnings, warning => !warning.Contains("token", StringComparison.Ordinal));
        foreach (var run in (string[])["clean", "corrupt"])
        {
            using var logits = model.Forward(arrays.Ids($"{run}_ids"));
            Near.Equal(arrays.Floats($"{run}.logits"), logits.ToFloats(), Tolerance, $"{name}, {run}");
        }
    }

    [Theory, MemberData(nameof(TinyCase.OfFamilies), MemberType = typeof(TinyCase))]
    public void Every_family_runs_from_anywhere_in_every_way(string name)
    {
        using var tiny = new TinyCase(name);
        using var streamed = LanguageModel.Load(TinyCase.Folder(name), device: "cpu", residency: Residency.Streamed);
        var ids = tiny.Pair.Clean.Ids;
        Near.Equal(tiny.Model.NextTokenLogits(ids), streamed.NextTokenLogits(ids), 1e-5f, "streamed");
        using var narrow = LanguageModel.Load(TinyCase.Folder(name), dtype: "bfloat16", device: "cpu");
        Near.Equal(tiny.Model.NextTokenLogits(ids), narrow.NextTokenLogits(ids), 0.3f, "bfloat16"); // eight bits of logits of about 4, through a few layers
        Assert.All(Sweep.Run(narrow, tiny.Pair, new SweepOptions { Verify = 2 }).CleanTarget, value => Assert.True(float.IsFinite(value)));

        var lens = LogitLens.Run(tiny.Model, tiny.Pair);
        Assert.Equal(tiny.Model.NextTokenLogits(ids)[tiny.Pair.CleanTarget.Id], lens.Clean.CleanTarget[^1], 1e-4f);
        Assert.Contains(tiny.Model.Config.Family.ClassName, ModelTree.Of(tiny.Model.Config).ToString(), StringComparison.Ordinal);
    }

    /// <summary>All but the one whose frequencies grow with the run: there a kept key keeps the angle of its own step, as in transformers.</summary>
    public static TheoryData<string> OfSteadyAngles { get; } = [.. TinyCase.OfFamilies.Select(row => row.Data).Where(name => name != "llama-dynamic")];

    [Theory, MemberData(nameof(OfSteadyAngles))]
    public void Generation_with_kept_keys_equals_each_run_from_the_start(string name)
    {
        using var tiny = new TinyCase(name);
        int[] ids = [.. tiny.Pair.Clean.Ids.Take(6)];
        var generated = tiny.Model.Generate(ids, 5).NewIds;
        List<int> all = [.. ids];
        foreach (var id in generated)
        {
            var logits = tiny.Model.NextTokenLogits(all);
            Assert.Equal(logits.Max(), logits[id], 1e-4f);
            all.Add(id);
        }
    }

    [Fact]
    public void A_generation_with_taps_may_not_pass_the_length_at_which_all_angles_change()
    {
        using var tiny = new TinyCase("phi3-longrope"); // original length 8
        int[] ids = [.. tiny.Pair.Clean.Ids.Take(6)];
        var tap = Tap.Replace(Activation.ResidPost, value => value);
        Assert.Equal(3, tiny.Model.Generate(ids, 3, tap).NewIds.Count); // eight are read
        Assert.Contains("after 8 tokens", Assert.Throws<PatchKernelException>(() => tiny.Model.Generate(ids, 4, tap)).Message, StringComparison.Ordinal);
        Assert.Equal(4, tiny.Model.Generate([.. ids, 1, 2, 3], 4, tap).NewIds.Count);
    }

    [Fact]
    public void A_parallel_model_has_no_resid_mid_and_says_so()
    {
        using var tiny = new TinyCase("pythia");
        foreach (var run in (Action[])
        [
            () => Sweep.Run(tiny.Model, tiny.Pair, new SweepOptions { Site = Activation.ResidMid }),
            () => Sweep.Run(tiny.Model, tiny.Pair, new SweepOptions { Site = Activation.ResidMid, Method = SweepMethod.Naive }),
            () => tiny.Model.NextTokenLogits(tiny.Pair.Clean.Ids, [Tap.Replace(Activation.ResidMid, value => value)], TestContext.Current.CancellationToken),
            () => tiny.Model.NextTokenLogits(tiny.Pair.Clean.Ids, [new ActivationCache(Activation.ResidMid)], TestContext.Current.CancellationToken),
            () => SweepCost.Of(ModelSettings.Load(TinyCase.Folder("pythia")), 8, Activation.ResidMid),
        ])
            Assert.Contains("has no resid_mid: its attention and its MLP run in parallel", Assert.Throws<PatchKernelException>(run).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Activation.ResidMid, Sweep.SitesOf(tiny.Model.Config));
        Assert.Contains(Activation.ResidMid, Sweep.SitesOf(RandomModel.Config));
    }

    [Fact]
    public void A_prompt_longer_than_a_table_of_positions_is_refused()
    {
        using var tiny = new TinyCase("gpt2");
        var message = Assert.Throws<PatchKernelException>(() => tiny.Model.NextTokenLogits([.. Enumerable.Repeat(1, 25)])).Message;
        Assert.Equal("gpt2 has a table of 24 positions, and the run has 25 tokens; give it a shorter prompt.", message);
    }
}
