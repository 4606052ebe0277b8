namespace PatchKernel.Tests.Prompts;

public sealed class PairCheckTests
{
    private static PromptPair Pair(int[] clean, int[] corrupt, int cleanTarget = 1, int corruptTarget = 2) =>
        PromptPair.FromIds(clean, corrupt, cleanTarget, corruptTarget);

    private static Prompt Words(params (int Id, string Text)[] words) =>
        new(string.Concat(words.Select(word => word.Text)), [.. words.Select(word => word.Id)], [.. words.Select(word => word.Text)]);

    private static string OnlyError(PairCheck check)
    {
        var finding = Assert.Single(check.Findings);
        Assert.Equal(Severity.Error, finding.Severity);
        Assert.DoesNotContain('\n', finding.Message);
        Assert.Equal(finding.Message, Assert.Throws<PatchKernelException>(check.ThrowIfErrors).Message);
        return finding.Message;
    }

    private static string OnlyWarning(PairCheck check)
    {
        var finding = Assert.Single(check.Findings);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Same(check, check.ThrowIfErrors());
        return finding.Message;
    }

    [Fact]
    public void A_sound_pair_has_no_findings()
    {
        var check = PairCheck.Run(Pair([0, 5, 6], [0, 7, 6]), vocabularySize: 8, bosId: 0);
        Assert.Empty(check.Findings);
        Assert.False(check.HasErrors);
        Assert.Equal("3 tokens each\n  pos  clean  corrupt\n    1  5      7", check.ToString());
    }

    [Fact]
    public void Unequal_lengths_show_both_tokenizations()
    {
        var clean = Words((48, "Q"), (17971, " Albert"), (55152, " Einstein"), (30, "?"));
        var corrupt = Words((48, "Q"), (24594, " Swift"), (30, "?"));
        var check = PairCheck.Run(new PromptPair(null, clean, corrupt, new Target(1, " a"), new Target(2, " b")));
        Assert.Equal(
            "The clean prompt has 4 tokens and the corrupt one 3: from position 1 on, clean has \" Albert\" \" Einstein\" where corrupt has \" Swift\"; "
            + "choose subjects of equally many tokens, or name their words and patch by role: WithSpan and SweepOptions.Roles in C#, --span and --positions on the command line.",
            OnlyError(check));
        Assert.StartsWith(
            "4 tokens clean, 3 corrupt\n"
            + "  pos  clean              corrupt\n"
            + "    1  17971 \" Albert\"    24594 \" Swift\"\n"
            + "    2  55152 \" Einstein\"\n"
            + "error: ",
            check.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_that_only_goes_on_longer_shows_what_is_too_much() =>
        Assert.Contains("from position 2 on, clean has nothing where corrupt has 9;", OnlyError(PairCheck.Run(Pair([4, 5], [4, 5, 9]))), StringComparison.Ordinal);

    [Fact]
    public void Same_prompts_are_refused() =>
        Assert.Contains("Both prompts are the same tokens", OnlyError(PairCheck.Run(Pair([4, 5], [4, 5]))), StringComparison.Ordinal);

    [Fact]
    public void An_empty_prompt_is_refused() =>
        Assert.Contains("The clean prompt is empty", OnlyError(PairCheck.Run(Pair([], [4]))), StringComparison.Ordinal);

    [Fact]
    public void Equal_targets_are_refused() =>
        Assert.Contains("Both targets are token 3", OnlyError(PairCheck.Run(Pair([4], [5], 3, 3))), StringComparison.Ordinal);

    [Fact]
    public void Targets_that_share_their_first_token_are_refused()
    {
        var pair = Pair([4], [5]) with
        {
            CleanTarget = new Target(3, " Isaac") { Answer = " Isaac Newton" },
            CorruptTarget = new Target(3, " Isaac") { Answer = " Isaac Asimov" },
        };
        Assert.Equal(
            "The targets \" Isaac Newton\" and \" Isaac Asimov\" share their first token, \" Isaac\", and only the first counts; choose answers that begin differently.",
            OnlyError(PairCheck.Run(pair)));
    }

    [Fact]
    public void Answers_of_a_set_are_checked_one_by_one()
    {
        Assert.Empty(PairCheck.Run(Several([1, 2], [3, 4])).Findings);
        Assert.Contains("Both targets are token 2", OnlyError(PairCheck.Run(Several([1, 2], [3, 2]))), StringComparison.Ordinal);
        Assert.Equal("The target token 1 is named twice; name it once.", OnlyError(PairCheck.Run(Several([1, 1], [3]))));
        Assert.Equal("The corrupt target is the id 9, and the model's ids are 0 to 7.", OnlyError(PairCheck.Run(Several([1], [3, 9]), vocabularySize: 8)));
        var (clean, corrupt) = (Summary([0, 5, 7]), Summary([9, 1, 3]));
        Assert.Empty(PairCheck.Run(Several([1, 2], [3, 0])).WithRuns(new Baseline(clean, corrupt), Metric.TargetLogit).Findings);
        Assert.Contains("at least one answer", Assert.Throws<PatchKernelException>(() => Several([], [1])).Message, StringComparison.Ordinal);

        static PromptPair Several(int[] clean, int[] corrupt) => PromptPair.FromIds([4], [5], clean, corrupt);
    }

    [Fact]
    public void A_gap_is_told_in_the_metrics_unit_and_by_its_direction()
    {
        Assert.Empty(Of(Metric.Kl, 0, 2));
        Assert.StartsWith("The gap between the runs is positive, 2.0 nats by kl: the corrupt run favours the clean target", Assert.Single(Of(Metric.Kl, 2, 0)).Message, StringComparison.Ordinal);
        Assert.Empty(Of(Metric.Probability, 0.02f, 0.01f));
        Assert.Equal(Severity.Error, Assert.Single(Of(Metric.Rank, 3, 3)).Severity);
        Assert.Empty(Of(Metric.Best, 3, 3));

        static IReadOnlyList<Finding> Of(Metric metric, float clean, float corrupt) => PairCheck.Run(Pair([4], [5])).WithRuns(
            new Baseline(Summary([0, 9, 1]) with { Values = new Dictionary<string, float> { [metric.Name] = clean } }, Summary([0, 1, 9]) with { Values = new Dictionary<string, float> { [metric.Name] = corrupt } }),
            metric).Findings;
    }

    [Theory]
    [InlineData(8, 1, "The clean prompt has the id 8, and the model's ids are 0 to 7.")]
    [InlineData(-1, 1, "The clean prompt has the id -1, and the model's ids are 0 to 7.")]
    [InlineData(4, 9, "The clean target is the id 9, and the model's ids are 0 to 7.")]
    public void Ids_outside_the_vocabulary_are_refused(int id, int target, string expected) =>
        Assert.Equal(expected, OnlyError(PairCheck.Run(Pair([id], [5], target), vocabularySize: 8)));

    [Theory]
    [InlineData(0, 1, "The corrupt prompt lacks the first token 0")]
    [InlineData(1, 1, "The clean and the corrupt prompt lack the first token 0")]
    public void A_missing_first_token_is_a_warning(int cleanFirst, int corruptFirst, string expected) =>
        Assert.StartsWith(expected, OnlyWarning(PairCheck.Run(Pair([cleanFirst, 4], [corruptFirst, 5]), bosId: 0)), StringComparison.Ordinal);

    [Fact]
    public void A_clear_gap_with_the_clean_target_first_has_no_findings() => Assert.Empty(WithRuns([0, 9, 1], [0, 1, 9]).Findings);

    [Theory]
    [InlineData(5f, 5f)]
    [InlineData(5f, 5.00001f)]
    [InlineData(float.NaN, 5f)]
    public void A_gap_that_scores_cant_be_divided_by_is_refused(float clean, float corrupt) =>
        Assert.StartsWith("The gap between the runs is ", OnlyError(WithRuns([0, clean, 1], [0, corrupt, 9])), StringComparison.Ordinal);

    [Fact]
    public void The_gap_is_the_chosen_metrics()
    {
        float[] clean = [0, 9, 1], corrupt = [0, 3, -5];
        Assert.False(WithRuns(clean, corrupt).HasErrors);
        var error = Assert.Throws<PatchKernelException>(WithRuns(clean, corrupt, Metric.LogitDiff).ThrowIfErrors);
        Assert.Contains("zero", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_gap_is_a_warning_with_its_figure() =>
        Assert.Contains("small, 0.5 logits by target_logit", OnlyWarning(WithRuns([0, 5.5f, 1], [0, 5, 9])), StringComparison.Ordinal);

    [Fact]
    public void A_gap_the_wrong_way_round_is_a_warning() =>
        Assert.Contains("negative, -3.0 logits", OnlyWarning(WithRuns([0, 5, 1], [0, 8, 9])), StringComparison.Ordinal);

    [Fact]
    public void A_clean_run_that_answers_something_else_is_a_warning_with_both_logits() =>
        Assert.Equal("The clean run answers token 2 (7.0) and not the clean target token 1 (5.0).", OnlyWarning(WithRuns([6, 5, 7], [0, 1, 9])));

    [Fact]
    public void A_corrupt_run_that_answers_something_else_is_a_warning_on_one_s_own_pair() =>
        Assert.Equal("The corrupt run answers token 0 (9.0) and not the corrupt target token 2 (3.0).", OnlyWarning(WithRuns([0, 9, 1], [9, 1, 3])));

    [Fact]
    public void A_corrupt_run_whose_answer_is_known_or_that_is_noise_isn_t_asked_for_the_target()
    {
        var (clean, corrupt) = (Summary([0, 9, 1]), Summary([9, 1, 3]));
        var known = Pair([4], [5]) with { KnownAnswers = [new PairModel("org/m", " a", " b")] };
        Assert.Empty(PairCheck.Run(known).WithRuns(new Baseline(clean, corrupt), Metric.TargetLogit, "m").Findings);
        Assert.Single(PairCheck.Run(known).WithRuns(new Baseline(clean, corrupt), Metric.TargetLogit, "other").Findings);
        Assert.Empty(PairCheck.Run(Pair([4], [5])).WithRuns(new Baseline(clean, corrupt) { IsNoised = true }, Metric.TargetLogit).Findings);
    }

    [Fact]
    public void A_noised_run_is_not_held_to_a_file_s_answer()
    {
        var named = new RunSummary(1, 3, [new TokenLogit(0, " c", 9)]);
        var known = Pair([4], [5]) with { KnownAnswers = [new PairModel("org/m", null, " b")] };
        var runs = new Baseline(Summary([0, 9, 1]), named);
        Assert.Contains("is expected to answer \" b\"", OnlyWarning(PairCheck.Run(known).WithRuns(runs, Metric.TargetLogit, "m")), StringComparison.Ordinal);
        Assert.Empty(PairCheck.Run(known).WithRuns(runs with { IsNoised = true }, Metric.TargetLogit, "m").Findings);
    }

    private static PairCheck WithRuns(float[] clean, float[] corrupt, Metric? metric = null) =>
        PairCheck.Run(Pair([4], [5])).WithRuns(new Baseline(Summary(clean), Summary(corrupt)), metric ?? Metric.TargetLogit);

    private static RunSummary Summary(float[] logits) => new(logits[1], logits[2], TokenLogit.Best(logits, 2, null));
}
