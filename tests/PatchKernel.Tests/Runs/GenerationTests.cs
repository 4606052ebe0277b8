using PatchKernel.Runs;
using TorchSharp;

namespace PatchKernel.Tests.Runs;

/// <summary>Generation with keys and values kept: what full forwards give, token by token.</summary>
public sealed class GenerationTests : IDisposable
{
    private static readonly int[] Ids = [3, 14, 15, 9, 26, 5];
    private static readonly GenerationOptions Endless = new() { StopAtEndOfText = false };

    private readonly LanguageModel model = RandomModel.Create();
    private readonly torch.Tensor vector = torch.linspace(-2, 2, 24);

    public void Dispose()
    {
        vector.Dispose();
        model.Dispose();
    }

    [Fact]
    public void It_equals_a_loop_of_full_forwards() => Equal(model, Ids, 20, _ => []);

    // The same tap on a full forward: there every position is in one value.
    [Fact]
    public void Under_a_tap_on_every_token_it_equals_full_forwards_under_that_tap()
    {
        foreach (var site in Enum.GetValues<Activation>().Except([Activation.Pattern])) Equal(model, Ids, 12, _ => [Tap.Replace(site, value => value * 1.5)]);
        Equal(model, Ids, 12, _ => [Tap.Replace(Activation.Pattern, 1, value => value * value)]);
        Equal(model, Ids, 12, _ => [Tap.Replace(Activation.Z, 1, value => value * 0, head: 2), Tap.Replace(Activation.ResidPost, 0, value => value + vector)]);
    }

    [Fact]
    public void On_the_prompt_and_on_new_tokens_it_equals_full_forwards_that_change_those_positions_alone()
    {
        Equal(model, Ids, 12, _ => [Steer(0, 6)], Steer().OnPrompt());
        Equal(model, Ids, 12, length => [Steer(6, length)], Steer().OnNewTokens());
        Equal(model, Ids, 12, length => [Steer(7, Math.Min(length, 9))], Steer().OnSteps(2, 3));
        Equal(model, Ids, 12, _ => [Steer(4, 5)], Tap.Replace(Activation.ResidPost, 1, value => value + vector, pos: 4));
        Equal(model, Ids, 12, _ => [Steer(5, 6)], Tap.Replace(Activation.ResidPost, 1, value => value + vector, pos: ^1));
        Equal(model, Ids, 12, length => [Steer(8, Math.Min(length, 9))], Tap.Replace(Activation.ResidPost, 1, value => value + vector, pos: 8));

        ActivationTap Steer(int from = 0, int to = int.MaxValue) => Tap.Replace(Activation.ResidPost, 1, value =>
        {
            if (to == int.MaxValue) return value + vector;
            for (var pos = from; pos < to && pos < value.FirstPosition + value.Shape[1]; pos++) value = value.WithPart(pos, value.At(pos) + vector);
            return value;
        });
    }

    [Fact]
    public void A_position_acts_in_the_step_that_reads_it()
    {
        var seen = new List<(int First, long Count)>();
        model.Generate(Ids, 5, Tap.Read(Activation.ResidPost, 0, value => seen.Add((value.FirstPosition, value.Shape[1]))));
        Assert.Equal([(0, 6), (6, 1), (7, 1), (8, 1), (9, 1)], seen);
        var at = new List<int>();
        model.Generate(Ids, 5, Tap.Read(Activation.ResidPost, 0, value => at.Add(value.FirstPosition), pos: 8), Tap.Read(Activation.Pattern, 0, value => Assert.Equal([1, 4, 9], value.Shape), pos: 8));
        Assert.Equal([8], at);
    }

    [Theory]
    [InlineData(10, false, null, "is at position 10, and there it has positions 0 to 9")]
    [InlineData(2, true, null, "The tap on resid_post is at position 2, which step 0 reads, and doesn't act on that step; choose one of the two.")]
    [InlineData(null, false, 5, "The tap on resid_post acts on step 5, and this run has steps 0 to 4; choose one of these.")]
    public void A_tap_that_would_never_act_is_refused_before_anything_runs(int? pos, bool onNewTokens, int? step, string expected)
    {
        var tap = Tap.Replace(Activation.ResidPost, 1, value => value * 0, pos: pos);
        if (onNewTokens) tap = tap.OnNewTokens();
        if (step is { } only) tap = tap.OnSteps(only);
        Assert.Contains(expected, Assert.Throws<PatchKernelException>(() => model.Generate(Ids, 5, tap)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_are_from_0_on()
    {
        var tap = Tap.Read(Activation.Q, _ => { });
        foreach (var steps in (int[][])[[], [-1], [3, -2]])
            Assert.StartsWith("The tap on q needs steps from 0 on", Assert.Throws<PatchKernelException>(() => tap.OnSteps(steps)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_tokens_than_the_model_has_positions_for_are_refused()
    {
        Assert.Equal(128 - Ids.Length, model.Generate(Ids, 128 - Ids.Length).NewIds.Count);
        Assert.Equal(
            "A prompt of 6 tokens and 123 new ones are more than the 128 positions that the model was made for; ask for fewer tokens, or shorten the prompt.",
            Refusal(() => model.Generate(Ids, 123)));
        Assert.Contains("0 new tokens can't be generated; ask for at least 1.", Refusal(() => model.Generate(Ids, 0)), StringComparison.Ordinal);
        Assert.Contains("The prompt is empty", Refusal(() => model.Generate((int[])[], 3)), StringComparison.Ordinal);
        foreach (var temperature in (double[])[-1, double.NaN, 1e9])
            Assert.Contains("can't be; give a number from 0 to 100", Refusal(() => model.Generate(Prompt.FromIds(Ids), 3, new GenerationOptions { Temperature = temperature })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_draws_the_same_tokens_and_another_one_others()
    {
        var drawn = Enumerable.Range(0, 4).Select(seed => Draw(1.5, seed)).ToList();
        Assert.Equal(drawn[2], Draw(1.5, 2));
        Assert.Equal(4, drawn.Select(ids => string.Join(',', ids)).Distinct().Count());
        Assert.Equal(model.Generate(Ids, 20).NewIds, Draw(1e-6, 5)); // almost cold

        IReadOnlyList<int> Draw(double temperature, int seed) =>
            model.Generate(Prompt.FromIds(Ids), 20, new GenerationOptions { Temperature = temperature, Seed = seed }).NewIds;
    }

    [Fact]
    public void Draws_follow_the_softmax()
    {
        var (logits, counts) = (new float[] { 1, 0, 2 }, new int[3]);
        var choice = new TokenChoice(new GenerationOptions { Temperature = 2, Seed = 7 });
        const int Draws = 20_000;
        for (var i = 0; i < Draws; i++) counts[choice.Next(logits)]++;
        var sum = logits.Sum(logit => Math.Exp(logit / 2));
        // Five standard deviations of a count.
        for (var id = 0; id < 3; id++) Assert.Equal(Math.Exp(logits[id] / 2) / sum, (double)counts[id] / Draws, 5 * Math.Sqrt(0.25 / Draws));
    }

    [Fact]
    public void Streamed_and_split_models_generate_the_same()
    {
        var expected = model.Generate(Ids, 10, Tap.Replace(Activation.MlpOut, 1, value => value * 0.5)).NewIds;
        WeightHome[] homes = [WeightHome.Disk, WeightHome.Device, WeightHome.Memory, WeightHome.Disk, WeightHome.Memory];
        using var placed = RandomModel.Create(RandomModel.Config, parts => [.. parts.All.Zip(homes, (part, home) => new PlacedPart(part.Module, part.Bytes, home, torch.CPU))]);
        Assert.Equal(expected, placed.Generate(Ids, 10, Tap.Replace(Activation.MlpOut, 1, value => value * 0.5)).NewIds);
    }

    [Fact]
    public void It_tells_each_token_stops_when_told_to_and_leaves_no_tensor()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var told = new Reports(_ => { });
        var generation = model.Generate(Prompt.FromIds(Ids), 8, Endless, progress: told);
        Assert.Equal(generation.NewIds, told.Ids);
        using var cancel = new CancellationTokenSource();
        var stopping = new Reports(reports => { if (reports.Ids.Count == 3) cancel.Cancel(); });
        Assert.ThrowsAny<OperationCanceledException>(() => model.Generate(Prompt.FromIds(Ids), 8, Endless, progress: stopping, cancel: cancel.Token));
        Assert.Equal(generation.NewIds.Take(3), stopping.Ids);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void What_isnt_finite_is_found_at_its_position()
    {
        var all = model.Generate(Ids, 30).Whole.Ids;
        var fresh = Enumerable.Range(Ids.Length + 1, 20).First(pos => !all.Take(pos).Contains(all[pos]));
        using var broken = RandomModel.Create(change: (name, values) =>
        {
            if (name == "model.embed_tokens.weight") values[all[fresh] * 24] = float.NaN;
            return values;
        });
        Assert.Contains($"the first such number is in embed, at position {fresh}:", Assert.ThrowsAny<PatchKernelException>(() => broken.Generate(Ids, 30)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_shows_the_new_tokens()
    {
        var generation = model.Generate(Ids, 4);
        Assert.Equal($"3,14,15,9,26,5 → {string.Join(',', generation.NewIds)} (4 tokens)", generation.ToString());
        Assert.Equal([.. Ids, .. generation.NewIds], generation.Whole.Ids);
        Assert.Equal(4, generation.ToHtml().Split("<b ").Length - 1);
        Assert.Contains("random, 4 new tokens", generation.ToHtml(), StringComparison.Ordinal);
        Assert.Null(generation.Text);
    }

    /// <summary>Compares a generation with full forwards of ever longer prompts, under the taps of a run of so many tokens; by default it has the prompt's.</summary>
    internal static void Equal(LanguageModel model, IReadOnlyList<int> ids, int count, Func<int, IReadOnlyList<ITap>> taps, params ITap[] generating)
    {
        List<int> expected = [];
        while (expected.Count < count)
        {
            int[] all = [.. ids, .. expected];
            var logits = model.NextTokenLogits(all, taps(all.Length));
            expected.Add(Array.IndexOf(logits, logits.Max()));
        }
        var generation = model.Generate(Prompt.FromIds(ids), count, Endless, generating.Length > 0 ? generating : taps(ids.Count));
        Assert.Equal(expected, generation.NewIds);
    }

    private static string Refusal(Action call) => Assert.Throws<PatchKernelException>(call).Message;

    private sealed class Reports(Action<Reports> then) : IProgress<Target>
    {
        public List<int> Ids { get; } = [];

        public void Report(Target value)
        {
            Ids.Add(value.Id);
            then(this);
        }
    }
}
