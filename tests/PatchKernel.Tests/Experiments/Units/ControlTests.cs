using PatchKernel.Units;

namespace PatchKernel.Tests.Experiments.Units;

/// <summary>What numbers are compared with: a random position, and another pair's run.</summary>
public sealed class ControlTests
{
    private static readonly Study Usual = MiniStudy.Of(pairs: 20, unit: 8) with { Metrics = [Metric.LogitDiff] };
    private static readonly Lazy<(IReadOnlyList<ResultRow> Results, IReadOnlyList<PairRow> Pairs)> Rows = new(() => MiniStudy.RowsOf(Usual));

    private static readonly Lazy<IReadOnlyList<PromptPair>> Pairs = new(() =>
    {
        var tokenizer = Tokenizer.Load(MiniStudy.Model);
        return [.. ExperimentData.Load(MiniStudy.Pairs).Rows.Select(row => row.In(tokenizer))];
    });

    [Fact]
    public void The_random_position_is_none_of_the_roles_in_either_prompt()
    {
        using var study = new UnequalStudy(pairs: 100);
        var (unequal, fromFront, fromEnd) = (0, 0, 0);
        var roles = TokenRole.ParseAll("subject.last,-2:-2,last");
        foreach (var seed in Enumerable.Range(0, 5))
            foreach (var pair in study.Pairs)
            {
                var places = roles.SelectMany(role => role.In(pair.Clean, pair.Corrupt)).ToList();
                var random = Assert.Single(new StudyControls(seed).RandomPosition(pair, places)!.In(pair.Clean, pair.Corrupt));
                var (clean, corrupt) = (Assert.Single(random.Clean), Assert.Single(random.Corrupt));
                Assert.DoesNotContain(clean, places.SelectMany(place => place.Clean));
                Assert.DoesNotContain(corrupt, places.SelectMany(place => place.Corrupt));
                // Before the roles it counts from the front, behind the first from the end.
                var first = Math.Min(places.Min(place => place.Clean.Min()), places.Min(place => place.Corrupt.Min()));
                Assert.Equal(clean < first ? clean : pair.Corrupt.Length - (pair.Clean.Length - clean), corrupt);
                Assert.Equal(clean < first, corrupt < first);
                var same = pair.Clean.Ids.Zip(pair.Corrupt.Ids).TakeWhile(ids => ids.First == ids.Second).Count();
                if (Enumerable.Range(same, pair.Clean.Length - same).Any(pos => IsFree(pair, places, pos, first))) Assert.True(clean >= same, $"{clean} {same}");
                if (pair.Clean.Length != pair.Corrupt.Length) unequal++;
                if (clean < first) fromFront++;
                else fromEnd++;
            }
        Assert.True(unequal > 50 && fromFront > 50 && fromEnd > 50, $"{unequal} {fromFront} {fromEnd}");

        static bool IsFree(PromptPair pair, List<RolePlace> places, int pos, int first)
        {
            var corrupt = pos < first ? pos : pos + pair.Corrupt.Length - pair.Clean.Length;
            return (pos < first || corrupt >= first) && places.All(place => !place.Clean.Contains(pos) && !place.Corrupt.Contains(corrupt));
        }
    }

    [Fact]
    public void Where_roles_take_every_token_there_is_no_random_one()
    {
        var pair = Pairs.Value[0];
        Assert.Null(new StudyControls(0).RandomPosition(pair, [new("all", [.. Enumerable.Range(0, pair.Clean.Length)], [.. Enumerable.Range(0, pair.Corrupt.Length)])]));
    }

    [Fact]
    public void A_donor_is_another_pair_with_other_answers()
    {
        var controls = new StudyControls(3);
        HashSet<string> donors = [];
        foreach (var pair in Pairs.Value)
        {
            var prompt = controls.Donor(pair, Pairs.Value, other => other.Clean, prompt => prompt.Length == pair.Clean.Length)!;
            var donor = Pairs.Value.Single(other => ReferenceEquals(other.Clean, prompt));
            Assert.NotEqual(pair.Name, donor.Name);
            Assert.NotEqual(pair.CleanTarget.Id, donor.CleanTarget.Id);
            Assert.NotEqual(pair.CorruptTarget.Id, donor.CorruptTarget.Id);
            Assert.Equal(pair.Clean.Length, donor.Clean.Length);
            donors.Add(donor.Name!);
        }
        Assert.InRange(donors.Count, 60, 200); // drawn, not always the same ones
        Assert.Null(controls.Donor(Pairs.Value[0], [Pairs.Value[0]], other => other.Clean, _ => true));
    }

    [Fact]
    public void A_donor_gives_neither_of_the_pair_s_own_prompts_nor_an_answer_that_is_right_too()
    {
        var pair = Pairs.Value[0];
        // The same two prompts the other way round: its clean run is the one that would be patched.
        var swapped = new PromptPair("swapped", pair.Corrupt, pair.Clean, pair.CorruptTarget, pair.CleanTarget);
        var other = Pairs.Value.First(each => each.CleanTarget.Id != pair.CleanTarget.Id && each.CorruptTarget.Id != pair.CorruptTarget.Id);
        var alsoRight = other with { Name = "also", CleanTargets = [other.CleanTarget, pair.CleanTarget] };
        foreach (var seed in Enumerable.Range(0, 8))
            foreach (var side in (Func<PromptPair, Prompt>[])[each => each.Clean, each => each.Corrupt])
            {
                Assert.Null(new StudyControls(seed).Donor(pair, [swapped, pair, alsoRight], side, _ => true));
                Assert.Same(side(other), new StudyControls(seed).Donor(pair, [swapped, pair, alsoRight, other], side, _ => true));
            }
    }

    [Fact]
    public void Both_stand_in_the_table_as_rows_like_others()
    {
        var rows = Rows.Value.Results;
        Assert.Equal(["last", "random", "subject.last"], rows.Select(row => row.Role!).Distinct().Order());
        Assert.Equal(["other", "shuffled"], rows.Select(row => row.Source).Distinct());
        Assert.All(rows.GroupBy(row => row.Pair), pair => Assert.Equal(8 * 3 * 2, pair.Count()));
        // The answer comes from the pair's own run at the pair's own places, and from no others.
        Assert.True(Mean("subject.last", "other", 0) > 0.8, $"{Mean("subject.last", "other", 0)}");
        Assert.True(Mean("last", "other", 7) > 0.99, $"{Mean("last", "other", 7)}");
        Assert.InRange(Mean("random", "other", 0), -0.1, 0.35);
        Assert.True(Mean("last", "shuffled", 7) < 0.7, $"{Mean("last", "shuffled", 7)}");

        double Mean(string role, string source, int layer) => rows.Where(row => row.Role == role && row.Source == source && row.Layer == layer).Average(row => row.Score!.Value);
    }

    [Fact]
    public void Draws_are_the_same_whatever_else_runs_and_others_for_another_seed()
    {
        var rows = Rows.Value.Results.Where(row => row.Role == "random").ToList();
        var (small, _) = MiniStudy.RowsOf(Usual with { Unit = 1, Sites = [Activation.ResidPost], Controls = [StudyControl.Random] });
        Assert.Equal(Drawn(rows), Drawn(small));
        var (other, _) = MiniStudy.RowsOf(Usual with { Seed = 1, Controls = [StudyControl.Random] });
        Assert.NotEqual(Drawn(rows), Drawn(other));

        static IEnumerable<(string, int?)> Drawn(IEnumerable<ResultRow> rows) => rows.Where(row => row is { Role: "random", Layer: 0, Source: "other" }).Select(row => (row.Pair, row.Pos));
    }

    [Fact]
    public void Donors_fit_whatever_is_asked_of_them()
    {
        // Spans of other lengths, patterns of other places, a random position that shorter prompts lack, both directions.
        using var unequal = new UnequalStudy(pairs: 60);
        var usual = unequal.Study with { Selection = new() { SkipBad = true }, Directions = [Direction.Denoising, Direction.Noising] };
        foreach (var (name, study) in new (string, Study)[]
        {
            ("lengths", usual with { Roles = TokenRole.ParseAll("subject.mean,subject.first,7:7") }),
            ("each", usual with { Roles = TokenRole.ParseAll("subject.each,last") }),
            ("pattern", usual with { Sites = [Activation.Z, Activation.Pattern] }),
            ("grid", usual with { Roles = null, Controls = [StudyControl.Shuffled] }),
            ("sources", usual with { Sources = [StudySource.Other, new("zero"), new("mean"), new("noise") { Samples = 2 }] }),
        })
        {
            var (rows, pairs) = MiniStudy.RowsOf(study);
            Assert.True(pairs.Count >= 10, $"{name}: {pairs.Count}");
            Assert.True(rows.Where(row => row.Source == "shuffled").Select(row => row.Pair).Distinct().Count() >= pairs.Count / 4, name);
            Assert.Equal(["denoising", "noising"], rows.Select(row => row.Direction).Distinct());
        }
    }

    [Fact]
    public void Unequal_prompts_have_the_numbers_of_the_naive_way()
    {
        using var unequal = new UnequalStudy(pairs: 8);
        var study = unequal.Study with { Roles = TokenRole.ParseAll("subject.mean,subject.last,last"), Sites = [Activation.ResidPost, Activation.Z], Directions = [Direction.Noising] };
        var (rows, _) = MiniStudy.RowsOf(study);
        using var model = LanguageModel.Load(study.Models[0], device: "cpu");
        foreach (var pair in unequal.Pairs)
            foreach (var site in study.Sites)
            {
                var naive = Sweep.Run(model, pair, new() { Site = site, Roles = study.Roles, Direction = Direction.Noising, Method = SweepMethod.Naive, Metric = Metric.LogitDiff });
                Near.Equal([.. naive.Raw(Metric.LogitDiff)], [.. rows.Where(row => row.Pair == pair.Name && row.Site == site.Name() && row.Source == "other" && row.Role != "random").Select(row => row.Value)], 1e-4f, $"{pair.Name} {site}");
            }
    }

    [Fact]
    public void Every_source_has_its_rows()
    {
        var study = MiniStudy.Of(2) with { Sources = [new("zero"), new("mean") { Prompts = 3 }, new("noise") { Samples = 2, StandardDeviation = 1 }], Controls = [], Metrics = [Metric.Match, Metric.LogitDiff] };
        var (rows, _) = MiniStudy.RowsOf(study);
        Assert.Equal(["zero", "mean", "noise"], rows.Select(row => row.Source).Distinct());
        Assert.All(rows.GroupBy(row => (row.Pair, row.Source)), group => Assert.Equal(8 * 2 * 2, group.Count()));
        using var model = LanguageModel.Load(MiniStudy.Model, device: "cpu");
        var zero = Sweep.Run(model, Pairs.Value[0], new() { Roles = study.Roles, Source = PatchSource.Zero, Metric = Metric.LogitDiff });
        Near.Equal([.. zero.Raw(Metric.LogitDiff)], [.. rows.Where(row => row is { Pair: "pair-000", Source: "zero", Metric: "logit_diff" }).Select(row => row.Value)], 1e-4f, "zero");
    }

    [Fact]
    public void Noise_that_leaves_the_answer_alone_has_values_and_no_scores()
    {
        var study = MiniStudy.Of(2) with { Sources = [new("noise") { Samples = 1, StandardDeviation = 1e-6 }], Controls = [], Metrics = [Metric.Match] };
        var (rows, pairs) = MiniStudy.RowsOf(study);
        Assert.All(pairs, pair => Assert.Null(pair.LeftOut));
        Assert.Equal(2 * 8 * 2, rows.Count);
        Assert.All(rows, row => Assert.Equal((1f, null), (row.Value, row.Score)));
    }
}
