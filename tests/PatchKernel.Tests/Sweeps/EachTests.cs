namespace PatchKernel.Tests.Sweeps;

public sealed class EachTests : IDisposable
{
    private readonly LanguageModel model = RandomModel.Create(); // 3 layers, 4 heads
    private readonly PromptPair pair = PromptPair.FromIds([3, 1, 4, 1, 5], [3, 1, 4, 2, 5], 7, 8);
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_patch_in_every_cell_is_the_naive_sweep()
    {
        using var clean = model.RunWithCache(pair.Clean, Activation.ResidPost);
        var own = Sweep.Each(
            model, pair, SweepGrid.Of(model, pair), cell => Tap.Put(Activation.ResidPost, cell.Layer, cell.Pos, clean[Activation.ResidPost, cell.Layer]), "resid_post by hand");
        var naive = Sweep.Run(model, pair, new SweepOptions { Method = SweepMethod.Naive });
        Assert.Equal(naive.NormalisedScore, own.NormalisedScore);
        Assert.Equal(naive.CorruptTarget, own.CorruptTarget);
        Assert.Equal(naive.Axes, own.Axes);
        Assert.Equal(naive.Shape, own.Shape);
        Assert.Equal((null, "resid_post by hand", 15), (own.Site, own.Intervention, own.CellsRun));
        Assert.Contains("resid_post by hand", own.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_other_direction_the_clean_prompt_runs()
    {
        using var corrupt = model.RunWithCache(pair.Corrupt, Activation.Z);
        var own = Sweep.Each(
            model, pair, SweepGrid.OfHeads(model), cell => Tap.Put(Activation.Z, cell.Layer, null, corrupt[Activation.Z, cell.Layer], cell.Head), direction: Direction.Noising);
        var naive = Sweep.Run(model, pair, new SweepOptions { Site = Activation.Z, Direction = Direction.Noising, Method = SweepMethod.Naive });
        Assert.Equal(naive.NormalisedScore, own.NormalisedScore);
    }

    [Fact]
    public void Cells_that_are_not_asked_for_show_the_unpatched_run_and_the_chart_says_how_many_ran()
    {
        var grid = SweepGrid.Of(model, pair);
        var own = Sweep.Each(model, pair, grid.Where(cell => cell.Layer == 1), cell => Tap.Replace(Activation.MlpOut, cell.Layer, value => value * 0.0, cell.Pos));
        Assert.Equal(5, own.CellsRun);
        Assert.All(grid.Where(cell => cell.Layer != 1), cell => Assert.Equal(0, own.Score(cell.Layer, cell.Pos)));
        Assert.Contains(grid.Where(cell => cell.Layer == 1), cell => own.Score(cell.Layer, cell.Pos) != 0);
        Assert.Contains("5 of 15 cells were run; the others show the unpatched run", Heatmap.Draw(own).Caption);
    }

    [Fact]
    public void Axes_may_be_anything_two_can_be_drawn_and_all_are_saved()
    {
        using var clean = model.RunWithCache(pair.Clean, Activation.ResidPost);
        var grid = new SweepGrid(("from layer", 3), ("to layer", 3));
        var own = Sweep.Each(
            model, pair, grid, cell => Tap.Put(Activation.ResidPost, cell["to layer"], ^1, clean[Activation.ResidPost, cell["from layer"]]), "layer into layer", metrics: [Metric.Kl, Metric.TargetLogit]);
        Assert.Equal(0, own.Raw(Metric.Kl)[^1], 1e-5f); // the clean run's whole output
        var chart = Heatmap.Draw(own);
        Assert.Equal(["0", "1", "2"], chart.RowLabels);
        Assert.Contains("layer into layer", chart.ToHtml(), StringComparison.Ordinal);
        own.Save(folder.File("own.json"));
        var again = SweepResult.Load(folder.File("own.json"));
        Assert.Equal((own.Site, own.Intervention, own.CellsRun), (again.Site, again.Intervention, again.CellsRun));
        Assert.Equal(own.Raw(Metric.Kl), again.Raw(Metric.Kl));
        Assert.Equal(own.Axes, again.Axes);
    }

    [Fact]
    public void Several_taps_go_into_a_cells_run_in_their_order()
    {
        var own = Sweep.Each(model, pair, new SweepGrid(("layer", 3)), cell =>
            [Tap.Replace(Activation.AttnOut, cell.Layer, value => value * 2.0), Tap.Replace(Activation.AttnOut, cell.Layer, value => value * 0.5)]);
        Assert.All(own.NormalisedScore, score => Assert.Equal(0, score, 1e-4f));
    }

    [Fact]
    public void What_can_not_be_run_is_one_sentence()
    {
        var grid = SweepGrid.Of(model, pair);
        Assert.Equal("There is no cell to run; give some of a SweepGrid.", Refused(() => Sweep.Each(model, pair, [], cell => Tap.Replace(Activation.Z, value => value))));
        Assert.Equal("The cells are of several grids; give those of one.", Refused(() => Sweep.Each(model, pair, [grid[0], SweepGrid.OfHeads(model)[1]], cell => Tap.Replace(Activation.Z, value => value))));
        Assert.Equal("The grid has no axis 'head'; it has layer, pos.", Refused(() => Sweep.Each(model, pair, grid, cell => Tap.Replace(Activation.Z, cell.Head, value => value))));
        Assert.StartsWith("A grid needs an axis", Refused(() => _ = new SweepGrid()), StringComparison.Ordinal);
        Assert.Contains("'layer' twice", Refused(() => _ = new SweepGrid(("layer", 1), ("layer", 2))), StringComparison.Ordinal);
        Assert.Contains("size from 1 on", Refused(() => _ = new SweepGrid(("layer", 0))), StringComparison.Ordinal);

        static string Refused(Action run) => Assert.Throws<PatchKernelException>(run).Message;
    }

    [Fact]
    public void It_stops_and_tells_how_far_it_is()
    {
        using var stop = new CancellationTokenSource();
        List<SweepProgress> told = [];
        Assert.Throws<OperationCanceledException>(() => Sweep.Each(
            model, pair, SweepGrid.Of(model, pair), cell => Tap.Read(Activation.Embed, 0, _ => { if (cell.Index == 4) stop.Cancel(); }), progress: new Told(told), cancel: stop.Token));
        Assert.Equal(new SweepProgress(4, 15), told[^1]);
    }

    private sealed class Told(List<SweepProgress> told) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => told.Add(value);
    }
}
