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
        Assert.Equal("The cells are of several grids, or of none; give those of one.", Refused(() => Sweep.Each(model, pair, [grid[0], SweepGrid.OfHeads(model)[1]], cell => Tap.Replace(Activation.Z, value => value))));
        Assert.Equal("The grid has no axis 'head'; it has layer, pos.", Refused(() => Sweep.Each(model, pair, grid, cell => Tap.Replace(Activation.Z, cell.Head, value => value))));
        Assert.StartsWith("A grid needs an axis", Refused(() => _ = new SweepGrid()), StringComparison.Ordinal);
        Assert.Contains("'layer' twice", Refused(() => _ = new SweepGrid(("layer", 1), ("layer", 2))), StringComparison.Ordinal);
        Assert.Contains("size from 1 on", Refused(() => _ = new SweepGrid(("layer", 0))), StringComparison.Ordinal);

        Assert.Contains("of none", Refused(() => Sweep.Each(model, pair, [default(GridCell)], cell => Tap.Replace(Activation.Z, value => value))), StringComparison.Ordinal);
        Assert.Equal("The grid has no cell 99; it has 0 to 14.", Refused(() => Sweep.Each(model, pair, [new GridCell(grid, 99)], cell => Tap.Replace(Activation.Z, value => value))));
        Assert.StartsWith("The grid's axis pos has 3 positions, and the prompts have 5", Refused(() => Sweep.Each(model, pair, new SweepGrid(("layer", 3), ("pos", 3)), cell => Tap.Replace(Activation.Z, value => value))), StringComparison.Ordinal);
        Assert.StartsWith("A grid holds 10,000,000 cells at most, and this has 4,294,967,296", Refused(() => _ = new SweepGrid(("a", 65536), ("b", 65536))), StringComparison.Ordinal);
        Assert.Equal("The taps of the cell at layer 0, pos 0 can't be made: boom.", Refused(() => Sweep.Each(model, pair, grid, ITap (cell) => throw new InvalidOperationException("boom"))));
        Assert.StartsWith("There is no list of taps at layer 0, pos 0", Refused(() => Sweep.Each(model, pair, grid, cell => (IEnumerable<ITap>)null!)), StringComparison.Ordinal);
        Assert.Equal("One of the run's taps is null; leave it out.", Refused(() => Sweep.Each(model, pair, grid, cell => (ITap)null!)));

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

    // Of an answer of three tokens, the first two stand behind the prompt.
    [Fact]
    public void A_metric_of_the_whole_answer_leaves_every_tap_where_it_is()
    {
        var answered = pair with { CleanTarget = Target.FromIds([7, 21, 30]) };
        using var clean = model.RunWithCache(pair.Clean);
        Func<GridCell, ITap>[] taps =
        [
            cell => Tap.Replace(Activation.ResidPost, cell.Layer, value => value * 0.5, ^1),
            cell => Tap.Replace(Activation.ResidPost, cell.Layer, value => value.WithPart(^2, value.At(^1))),
            cell => Tap.Put(Activation.Z, cell.Layer, null, clean[Activation.Z, cell.Layer]),
            cell => Tap.Put(Activation.Pattern, cell.Layer, null, clean[Activation.Pattern, cell.Layer]),
            cell => Tap.Replace(Activation.Q, cell.Layer, value => value * 0.0, head: 1),
        ];
        foreach (var tap in taps)
        {
            var alone = Sweep.Each(model, answered, new SweepGrid(("layer", 3)), tap, metrics: [Metric.TargetLogit]);
            var both = Sweep.Each(model, answered, new SweepGrid(("layer", 3)), tap, metrics: [Metric.TargetLogit, Metric.AnswerLogProb]);
            Near.Equal(alone.Raw(Metric.TargetLogit), both.Raw(Metric.TargetLogit), 1e-5f, "target_logit");
            Assert.Contains(both.Raw(Metric.TargetLogit), value => value != both.CorruptRun.CleanTarget);
        }
        var naive = Sweep.Run(model, answered, new SweepOptions { Site = Activation.Z, Method = SweepMethod.Naive, Metrics = [Metric.AnswerLogProb] });
        var own = Sweep.Each(
            model, answered, SweepGrid.OfHeads(model), cell => Tap.Put(Activation.Z, cell.Layer, null, clean[Activation.Z, cell.Layer], cell.Head), metrics: [Metric.AnswerLogProb]);
        Near.Equal(naive.Raw(Metric.AnswerLogProb), own.Raw(Metric.AnswerLogProb), 1e-5f, "answer_log_prob");
    }

    [Theory, InlineData(0, 5), InlineData(1, -1), InlineData(3, 0), InlineData(9), InlineData(0, 0, 0)]
    public void A_cell_that_is_not_there_has_no_score(params int[] index) => Assert.Contains("the grid is layer 0 to 2 × pos 0 to 4",
        Assert.Throws<PatchKernelException>(() => Sweep.Run(model, pair).Score(index)).Message, StringComparison.Ordinal);
}
