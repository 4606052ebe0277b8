namespace PatchKernel.Tests.Costs;

/// <summary>Plans against what is measured; the meter counts what the whole process does, so these tests run alone.</summary>
[Collection(nameof(Alone))]
public sealed class WorkMeterTests
{
    // What a site computes to start its rows, and the rows of the embedding that are read, are left out of a plan.
    private const double Agreement = 0.1;

    private static readonly string Mini = TestData.InRepository("models", "mini");

    public static TheoryData<Activation> Sites => [.. Sweep.Sites];

    [Theory, MemberData(nameof(Sites))]
    public void A_sweep_computes_what_was_planned(Activation site)
    {
        Agrees(Mini, site, "float32");
        Agrees(CliRun.Tiny, site, "float32");
    }

    [Theory, MemberData(nameof(TinyCase.OfFamilies), MemberType = typeof(TinyCase))]
    public void A_sweep_of_any_family_computes_what_was_planned(string name)
    {
        var folder = TinyCase.Folder(name);
        foreach (var site in Sweep.SitesOf(ModelSettings.Load(folder).Config)) Agrees(folder, site, "float32", most: 14); // so near that a window lets the difference reach the last position
    }

    [Theory, InlineData("float32"), InlineData("bfloat16")]
    public void A_streamed_sweep_reads_what_was_planned(string dtype) =>
        Agrees(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16"), Activation.ResidPost, dtype);

    [Theory, InlineData(Activation.ResidPost), InlineData(Activation.Z)]
    public void A_sweep_of_a_real_model_computes_and_reads_what_was_planned(Activation site) => Agrees(TestData.SmolLM2(), site, "float32");

    [Fact]
    public void The_plain_way_computes_what_was_planned()
    {
        var cost = SweepCost.Of(ModelSettings.Load(CliRun.Tiny), 10);
        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        using var meter = new WorkMeter();
        Sweep.Run(model, Pair(10, model.Config), new SweepOptions { Method = SweepMethod.Naive });
        Assert.Equal(cost.NaiveFlop, meter.Flop, cost.NaiveFlop * 1e-9);
    }

    [Fact]
    public void A_meter_counts_while_it_lives()
    {
        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        var meter = new WorkMeter();
        Assert.Equal((0, 0, TimeSpan.Zero), (meter.Flop, meter.BytesRead, meter.Elapsed));
        model.NextTokenLogits([1, 2, 3]);
        var flop = meter.Flop;
        Assert.True(flop > 0 && meter.Elapsed > TimeSpan.Zero);
        meter.Dispose();
        model.NextTokenLogits([1, 2, 3]);
        Assert.Equal(flop, meter.Flop);
        Assert.Matches(@"^[0-9.]+ GFLOP in [0-9.]+ s, [0-9.]+ [MG]B of memory at most, 0 B read$", meter.ToString());
        Assert.InRange(WorkMeter.PeakMemory, Environment.WorkingSet / 2, long.MaxValue);
    }

    private static void Agrees(string folder, Activation site, string dtype, int most = 28)
    {
        var settings = ModelSettings.Load(folder);
        var tokens = Math.Min(most, settings.Config.MaxPositions);
        var cost = SweepCost.Of(settings, tokens, site, dtype);
        using var model = LanguageModel.Load(folder, dtype, "cpu", Residency.Streamed);
        using var meter = new WorkMeter();
        Sweep.Run(model, Pair(tokens, settings.Config), new SweepOptions { Site = site });
        Assert.Equal(cost.Flop, meter.Flop, cost.Flop * Agreement);
        Assert.Equal(cost.Streamed.ReadPerSweep, meter.BytesRead, cost.Streamed.ReadPerSweep * Agreement);
    }

    private static PromptPair Pair(int tokens, ModelConfig config)
    {
        int[] clean = [.. Enumerable.Range(0, tokens).Select(pos => 5 + pos * 3 % (config.DVocab - 20))];
        int[] corrupt = [.. clean];
        corrupt[tokens / 2] = config.DVocab - 3;
        return PromptPair.FromIds(clean, corrupt, 1, 2);
    }
}
