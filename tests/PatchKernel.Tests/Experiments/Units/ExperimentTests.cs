namespace PatchKernel.Tests.Experiments.Units;

/// <summary>What a study's table says, on the mini model.</summary>
public sealed class ExperimentTests
{
    [Fact]
    public void A_row_is_the_cell_of_the_pair_s_own_sweep()
    {
        var study = MiniStudy.Of(pairs: 3) with { Sites = [Activation.ResidPost, Activation.Z], Directions = [Direction.Denoising, Direction.Noising], Controls = [], Metrics = [Metric.LogitDiff, Metric.Best] };
        var (rows, pairs) = MiniStudy.RowsOf(study);
        using var model = LanguageModel.Load(MiniStudy.Model, device: "cpu");
        var at = 0;
        foreach (var (row, table) in ExperimentData.Load(study.Data, study.Selection).Rows.Zip(pairs))
        {
            var pair = row.In(model.Tokenizer!);
            foreach (var options in from site in study.Sites from direction in study.Directions select new SweepOptions { Site = site, Direction = direction, Roles = study.Roles, Metrics = study.Metrics })
            {
                var result = Sweep.Run(model, pair, options);
                for (var cell = 0; cell < result.Raw(Metric.Best).Length; cell++)
                    foreach (var metric in study.Metrics)
                    {
                        var (found, place) = (rows[at++], result.Places![cell / (options.Site == Activation.Z ? 4 : 1) % 2]);
                        Assert.Equal(("mini", row.Name, options.Site.Name(), options.Direction.ToString().ToLowerInvariant(), "other"), (found.Model, found.Pair, found.Site, found.Direction, found.Source));
                        Assert.Equal((place.Role, place.Clean[0], pair.Clean.Tokens![place.Clean[0]], metric.Name), (found.Role, found.Pos, found.Token, found.Metric));
                        Assert.Equal(result.Raw(metric)[cell], found.Value, 1e-4f);
                        if (metric == Metric.Best) Assert.Null(found.Score);
                        else Assert.Equal(result.Scores(metric)[cell], found.Score!.Value, 1e-4f);
                    }
            }
            var baseline = Baseline.Run(model, pair, Metric.LogitDiff);
            Assert.Equal((row.Line, row.Clean, row.Corrupt, pair.Clean.Length, pair.Corrupt.Length), (table.Line, table.Clean, table.Corrupt, table.CleanTokens, table.CorruptTokens));
            Assert.Equal(baseline.Clean.CleanTarget, table.Values["clean_target"].Clean, 1e-4f);
            Assert.Equal(baseline.Corrupt.CorruptTarget, table.Values["corrupt_target"].Corrupt, 1e-4f);
            Assert.Equal(baseline.Corrupt.Of(Metric.LogitDiff), table.Values["logit_diff"].Corrupt, 1e-4f);
            Assert.Equal((row.CleanTargets[0], row.CorruptTargets[0], true, null), (table.CleanBest, table.CorruptBest, table.Answered, table.LeftOut));
            Assert.Equal(row.Columns["profession"], table.Columns["profession"]);
        }
        Assert.Equal(rows.Count, at);
    }

    [Fact]
    public void Numbers_don_t_depend_on_how_pairs_are_cut_into_units()
    {
        var study = MiniStudy.Of(pairs: 8) with { Sites = [Activation.ResidPost, Activation.AttnOut], Sources = [StudySource.Other, new("mean") { Prompts = 4 }, new("noise") { Samples = 2 }] };
        var (whole, pairs) = MiniStudy.RowsOf(study with { Unit = 8 });
        foreach (var unit in new[] { 1, 7 })
        {
            var (rows, table) = MiniStudy.RowsOf(study with { Unit = unit });
            MiniStudy.Near(whole, rows, 1e-5f);
            Assert.Equal(pairs.Select(pair => (pair.Pair, pair.CleanBest, pair.LeftOut)), table.Select(pair => (pair.Pair, pair.CleanBest, pair.LeftOut)));
        }
    }

    [Fact]
    public void A_token_grid_heads_and_windows_have_their_columns()
    {
        var study = MiniStudy.Of(pairs: 2) with { Roles = null, Sites = [Activation.ResidPost, Activation.Pattern, Activation.K], Windows = [1, 3], Metrics = [Metric.TargetLogit] };
        var (rows, pairs) = MiniStudy.RowsOf(study);
        Assert.Equal(2, pairs.Count);
        var layers = rows.Max(row => row.Layer) + 1;
        foreach (var pair in pairs)
        {
            var stream = rows.Where(row => row.Pair == pair.Pair && row.Site == "resid_post" && row.Window == 1).ToList();
            Assert.Equal(layers * pair.CleanTokens, stream.Count);
            Assert.Equal(Enumerable.Range(0, pair.CleanTokens).Select(pos => (int?)pos), stream.Where(row => row.Layer == 0).Select(row => row.Pos));
            Assert.All(stream, row => Assert.True(row is { Role: null, Head: null, Token: not null }));
            Assert.Equal(pair.Clean, string.Concat(stream.Where(row => row.Layer == 0).Skip(1).Select(row => row.Token))); // behind the BOS
            var heads = rows.Where(row => row.Pair == pair.Pair && row.Site == "pattern").ToList();
            Assert.All(heads, row => Assert.True(row is { Role: null, Pos: null, Token: null, Head: not null }));
            Assert.Equal(2 * layers * 4, heads.Count);
            Assert.Equal(2, rows.Where(row => row.Site == "k").Max(row => row.Head) + 1);
            Assert.Equal([1, 3], heads.Select(row => row.Window).Distinct());
        }
        var (each, _) = MiniStudy.RowsOf(study with { Sites = [Activation.Pattern], Positions = Positions.Each, Windows = [1], Selection = new() { Limit = 1 } });
        Assert.Equal(layers * 4 * pairs[0].CleanTokens, each.Count);
        Assert.All(each, row => Assert.True(row is { Pos: not null, Token: not null, Head: not null }));
    }

    [Fact]
    public void Only_pairs_that_the_model_answers_have_rows_where_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        // The third asks for what the model won't say, the fourth has two runs that don't differ by the metric.
        var lines = File.ReadLines(MiniStudy.Pairs).Take(4).ToArray();
        lines[2] = lines[2].Replace("\"clean_target\":\"", "\"clean_target\":\" Mary\",\"told\":\"", StringComparison.Ordinal);
        File.WriteAllLines(folder.File("d.jsonl"), lines);
        var study = MiniStudy.Of(pairs: 4) with { Data = folder.File("d.jsonl"), OnlyAnswered = true };
        var (rows, pairs) = MiniStudy.RowsOf(study);
        Assert.Equal([null, null, "not answered rightly in both runs", null], pairs.Select(pair => pair.LeftOut));
        Assert.Equal([true, true, false, true], pairs.Select(pair => pair.Answered));
        Assert.Equal(["pair-000", "pair-001", "pair-003"], rows.Select(row => row.Pair).Distinct());
        Assert.Contains("pair-002", MiniStudy.RowsOf(study with { OnlyAnswered = false }).Results.Select(row => row.Pair));
    }

    [Fact]
    public void A_pair_without_a_gap_is_left_out_with_the_reason()
    {
        var metric = new Metric("const_or_not", "1 everywhere", m => TorchSharp.torch.ones_like(m.Logits.Tensor.select(1, 0)));
        var (rows, pairs) = MiniStudy.RowsOf(MiniStudy.Of(pairs: 2) with { Metrics = [metric] });
        Assert.Empty(rows);
        Assert.All(pairs, pair => Assert.StartsWith("The gap between the runs is zero: the 1 everywhere is the same for both prompts", pair.LeftOut, StringComparison.Ordinal));
    }

    [Fact]
    public void A_metric_of_one_s_own_is_measured()
    {
        var own = new Metric("first_logit", "the logit of id 7", m => m.Logits.Tensor.select(1, 7));
        var (rows, pairs) = MiniStudy.RowsOf(MiniStudy.Of(pairs: 3) with { Metrics = [own, Metric.TargetLogit] });
        using var model = LanguageModel.Load(MiniStudy.Model, device: "cpu");
        var pair = ExperimentData.Load(MiniStudy.Pairs).Rows[0].In(model.Tokenizer!);
        var expected = Sweep.Run(model, pair, new() { Metrics = [own], Roles = [TokenRole.Last] });
        var found = rows.Where(row => row is { Pair: "pair-000", Metric: "first_logit", Role: "last", Source: "other" }).ToList();
        PatchKernel.Tests.Near.Equal([.. expected.Raw(own)], [.. found.Select(row => row.Value)], 1e-4f, "first_logit");
        PatchKernel.Tests.Near.Equal([.. expected.Scores(own)], [.. found.Select(row => row.Score!.Value)], 1e-3f, "scores");
        Assert.Contains("first_logit", pairs[0].Values.Keys);
    }

    [Theory]
    [InlineData("subject.each,last")]
    [InlineData("subject.first,between.all,last")]
    [InlineData("last")]
    public void The_plan_counts_the_rows_that_there_will_be(string roles)
    {
        var study = MiniStudy.Of(pairs: 6) with { Roles = TokenRole.ParseAll(roles), Sites = [Activation.ResidPost, Activation.Z], Directions = [Direction.Denoising, Direction.Noising] };
        var plan = Experiment.Check(study);
        Assert.Equal(MiniStudy.RowsOf(study).Results.Count, Assert.Single(plan.Models).Rows);
        Assert.Equal(2 * plan.Models[0].Cells, plan.Models[0].Rows); // by two metrics
    }

    [Fact]
    public void A_pair_that_stands_there_twice_is_a_warning()
    {
        using var folder = new TemporaryFolder();
        var lines = File.ReadLines(MiniStudy.Pairs).Take(3).ToArray();
        File.WriteAllLines(folder.File("d.jsonl"), [.. lines, lines[1].Replace("pair-001", "again", StringComparison.Ordinal)]);
        var plan = Experiment.Check(MiniStudy.Of(9) with { Data = folder.File("d.jsonl") });
        Assert.Equal(4, plan.Pairs);
        Assert.Equal("line 4, warning: It has the prompts of line 2, and counts as another pair in averages and their intervals.", Assert.Single(plan.Warnings).ToString());
        Assert.Empty(Experiment.Check(MiniStudy.Of(200)).Warnings);
    }

    [Fact]
    public void A_prompt_longer_than_the_model_takes_is_a_bad_row()
    {
        using var folder = new TemporaryFolder();
        var lines = File.ReadLines(MiniStudy.Pairs).Take(3).ToArray();
        lines[1] = lines[1].Replace("Q: Which", $"Q: Which{string.Concat(Enumerable.Repeat(" Which", 5000))}", StringComparison.Ordinal);
        File.WriteAllLines(folder.File("d.jsonl"), lines);
        var study = MiniStudy.Of(3) with { Data = folder.File("d.jsonl"), Roles = [TokenRole.Last] };
        Assert.Matches("line 2: A prompt has [0-9]+ tokens, and mini takes [0-9]+ at most; shorten it.$", Assert.Throws<PatchKernelException>(() => Experiment.Check(study)).Message);
        var plan = Experiment.Check(study with { Selection = new() { SkipBad = true } });
        Assert.Equal((2, 2), (plan.Pairs, Assert.Single(plan.Skipped).Line));
    }

    [Fact]
    public void Cells_are_computed_once_more_where_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var study = MiniStudy.Of(pairs: 4, unit: 2) with { Verify = 3 };
        MiniStudy.Run(study, folder.Path);
        var notes = Notes(folder.Path).Where(line => line.Contains("\"unit\":", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, notes.Count);
        Assert.All(notes, note => Assert.Contains("3 cells computed once more by a full forward in float32: largest deviation ", note, StringComparison.Ordinal));
        MiniStudy.Near(MiniStudy.RowsOf(study with { Verify = null }).Results, MiniStudy.Results(folder.Path), 0);
        Directory.Delete(folder.Path, recursive: true);
        MiniStudy.Run(study with { Verify = null, Dtype = "bfloat16" }, folder.Path);
        Assert.All(Notes(folder.Path).Where(line => line.Contains("\"unit\":", StringComparison.Ordinal)), note => Assert.Contains("3 cells computed", note, StringComparison.Ordinal));
    }

    [Fact]
    public void Several_models_stand_in_one_table()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "a", "b", "c/a" })
        {
            Directory.CreateDirectory(folder.File(name));
            foreach (var file in Directory.GetFiles(MiniStudy.Model)) File.Copy(file, Path.Combine(folder.File(name), Path.GetFileName(file)));
        }
        var study = MiniStudy.Of(pairs: 3, unit: 2) with { Models = [folder.File("b"), folder.File("a")] };
        Assert.Equal(4, MiniStudy.Run(study, folder.File("out")).Units);
        var rows = MiniStudy.Results(folder.File("out"));
        Assert.Equal(["b", "a"], rows.Select(row => row.Model).Distinct());
        MiniStudy.Near([.. rows.Where(row => row.Model == "b")], [.. rows.Where(row => row.Model == "a").Select(row => row with { Model = "b" })], 0);
        Assert.Equal(["b", "b", "b", "a", "a", "a"], MiniStudy.PairRows(folder.File("out")).Select(row => row.Model));
        Assert.Contains("Two of the study's models are called a", Assert.Throws<PatchKernelException>(
            () => Experiment.Check(study with { Models = [folder.File("a"), folder.File("c/a")] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_model_can_t_do_is_said_before_anything_runs()
    {
        using var folder = new TemporaryFolder();
        foreach (var (study, message) in new (Study, string)[]
        {
            (MiniStudy.Of(1) with { Windows = [15] }, "A window of 15 layers patches all 8 layers"),
            (MiniStudy.Of(1) with { Roles = TokenRole.ParseAll("country.last") }, "line 1: "),
            (MiniStudy.Of(1) with { Dtype = "float33" }, "float33"),
            (MiniStudy.Of(1) with { Device = "toaster" }, "toaster"),
            (MiniStudy.Of(1) with { Selection = new() { Sample = 201 } }, "A sample of 201 rows"),
        })
        {
            Assert.Contains(message, Assert.Throws<PatchKernelException>(() => Experiment.Run(study, folder.File("out"))).Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder.File("out")));
        }
        using var unequal = new UnequalStudy(pairs: 12);
        var pattern = unequal.Study with { Roles = TokenRole.ParseAll("subject.last"), Sites = [Activation.Z, Activation.Pattern] };
        Assert.Matches("^'.*', line [0-9]+: A row of a pattern is as long as its own prompt", Assert.Throws<PatchKernelException>(() => Experiment.Check(pattern)).Message);
        var plan = Experiment.Check(pattern with { Selection = new() { SkipBad = true } });
        Assert.Equal(12, plan.Pairs + plan.Skipped.Count);
        Assert.All(plan.Skipped, row => Assert.StartsWith("A row of a pattern", row.Reason, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Notes(string folder) => Directory.GetFiles(Path.Combine(folder, "runs")).SelectMany(File.ReadLines);
}
