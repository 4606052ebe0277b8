using System.Text.Json;
using CsCheck;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Sweeps by role, on prompts of unequal length too.</summary>
public sealed class RoleTests
{
    private static readonly string[] GoldenNames = ["gpt2", "llama3.2-tied-gqa-rope3", "mistral-window", "qwen3"];

    private static readonly SweepOptions Kept = new() { Metric = Metric.TargetLogit, KeepLogits = true };

    public static TheoryData<string, SweepMethod> Golden { get; } =
        new(GoldenNames.SelectMany(name => Enumerable.Range(0, 3).SelectMany(pair => Enum.GetValues<SweepMethod>().Where(method => !method.IsEstimate()).Select(method => ($"{name}-{pair}", method)))));

    [Theory]
    [MemberData(nameof(Golden))]
    public void Prompts_of_unequal_length_give_what_Hugging_Face_gives(string name, SweepMethod method)
    {
        var facts = JsonDocument.Parse(File.ReadAllText(TestData.Golden("oracle", "roles", $"{name}.json"))).RootElement;
        var golden = new GoldenArrays(TestData.Golden("oracle", "roles", $"{name}.safetensors"));
        using var model = LanguageModel.Load(TinyCase.Folder(facts.GetProperty("checkpoint").GetString()!), device: "cpu");
        // Denoising runs the corrupt prompt again: that is the base run.
        var pair = new PromptPair(name, Side("source"), Side("base"), new Target(7, null), new Target(11, null));
        var checkedArrays = 0;
        foreach (var array in golden.Names.Where(array => array.Count(letter => letter == '.') == 1 && !array.EndsWith("logits", StringComparison.Ordinal)))
        {
            var (site, place) = array.Split('.') switch { var parts => (parts[0], parts[1]) };
            var onHeads = site == "z";
            var role = place switch
            {
                "end" => TokenRole.Last,
                "each" => TokenRole.Parse("S.all"), // there, all positions of the span in one patch
                _ => TokenRole.Parse($"S.{place}"),
            };
            var result = Sweep.Run(model, pair, Kept with { Site = ActivationNames.Parse(site), Roles = [role], Method = method });
            Assert.Equal(onHeads ? ["layer", "role", "head"] : ["layer", "role"], result.Axes);
            Near.Equal(golden.Floats(array), [.. result.Logits!.SelectMany(logits => logits)], 1e-4f, array);
            checkedArrays++;
        }
        Assert.True(checkedArrays >= 17, $"{checkedArrays} arrays");

        Prompt Side(string which)
        {
            int[] span = [.. facts.GetProperty($"{which}_span").EnumerateArray().Select(pos => pos.GetInt32())];
            return Prompt.FromIds([.. facts.GetProperty($"{which}_ids").EnumerateArray().Select(id => id.GetInt32())]) with
            {
                Spans = new Dictionary<string, TokenSpan> { ["S"] = new(span[0], span[1]) },
            };
        }
    }

    private static readonly Gen<Prompt> Prompts =
        from length in Gen.Int[3, 8]
        from ids in Gen.Int[0, 49].Array[length]
        from start in Gen.Int[1, length - 1]
        from end in Gen.Int[start + 1, length]
        select Prompt.FromIds(ids) with { Spans = new Dictionary<string, TokenSpan> { ["a"] = new(0, 1), ["b"] = new(start, end) } };

    private static readonly Gen<PatchSource> Sources =
        from other in Prompts
        from more in Prompts
        from source in Gen.OneOf<PatchSource>(
            PatchSource.Other, PatchSource.Zero, new PatchSource.Resampled(other), new PatchSource.Mean([other, more]), new PatchSource.Mean([other, more], EachPosition: false),
            new PatchSource.Noise(3, Samples: 2))
        select source;

    [Fact]
    public void The_wavefront_equals_the_naive_sweep() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from clean in Prompts
        from corrupt in Prompts
        from source in Sources
        from window in Gen.OneOf(1, 1, 3)
        from direction in Gen.Enum<Direction>()
        select (config, seed, clean, corrupt, source, window, direction)).Sample((config, seed, clean, corrupt, source, window, direction) =>
    {
        if (clean.Ids.SequenceEqual(corrupt.Ids)) return;
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var pair = new PromptPair(null, clean, corrupt, new Target(7, null), new Target(11, null));
        var options = Kept with
        {
            Roles = [TokenRole.Parse("b.first"), TokenRole.Parse("b.last"), TokenRole.Parse("b.mean"), TokenRole.Last, TokenRole.Aligned("turned", (-1, 0), (0, -1))],
            Source = source,
            Direction = direction,
            Window = Math.Min(window, Math.Max(1, 2 * config.NLayers - 3)),
        };
        foreach (var site in Sweep.SitesOf(config).Except([Activation.Pattern]))
        {
            try
            {
                var naive = Sweep.Run(model, pair, options with { Site = site, Method = SweepMethod.Naive });
                var fast = Sweep.Run(model, pair, options with { Site = site });
                Assert.Equal(naive.Shape, fast.Shape);
                foreach (var (expected, actual) in naive.Logits!.Zip(fast.Logits!)) NearInAll(expected, actual, $"{site.Name()}");
            }
            catch (PatchKernelException e) when (e.Message.Contains("gap", StringComparison.Ordinal) || e.Message.Contains("differ", StringComparison.Ordinal))
            {
                return; // both runs say the same: there is nothing to score
            }
        }
    }, iter: 60, threads: 1);

    [Fact]
    public void Patching_a_prompt_from_itself_changes_nothing() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from clean in Prompts
        from corrupt in Prompts
        select (config, seed, clean, corrupt)).Sample((config, seed, clean, corrupt) =>
    {
        if (clean.Ids.SequenceEqual(corrupt.Ids)) return;
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var pair = new PromptPair(null, clean, corrupt, new Target(7, null), new Target(11, null));
        foreach (var site in Sweep.SitesOf(config).Except([Activation.Pattern]))
        {
            var options = Kept with { Site = site, Roles = [TokenRole.Parse("a"), TokenRole.Parse("b.first"), TokenRole.Last], Source = new PatchSource.Resampled(corrupt) };
            try
            {
                var result = Sweep.Run(model, pair, options);
                foreach (var logits in result.Logits!) NearInAll(result.CorruptLogits!, logits, site.Name());
            }
            catch (PatchKernelException e) when (e.Message.Contains("gap", StringComparison.Ordinal) || e.Message.Contains("differ", StringComparison.Ordinal))
            {
                return; // both runs say the same: there is nothing to score
            }
        }
    }, iter: 30, threads: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void In_prompts_of_one_length_a_role_is_its_position(int window)
    {
        using var model = RandomModel.Create(RandomModel.ManyParts(parallel: false));
        var spans = new Dictionary<string, TokenSpan> { ["subject"] = new(2, 4), ["object"] = new(5, 6) };
        var pair = new PromptPair(
            null, Prompt.FromIds([1, 2, 3, 4, 5, 6, 7, 8]) with { Spans = spans }, Prompt.FromIds([1, 2, 9, 10, 5, 6, 7, 8]) with { Spans = spans }, new Target(7, null), new Target(11, null));
        (string Role, int[] Positions)[] roles =
            [("prefix.last", [1]), ("subject.first", [2]), ("subject.last", [3]), ("subject.each", [2, 3]), ("between.each", [4]), ("object", [5]), ("last", [7])];
        foreach (var site in Sweep.Sites)
        {
            var options = Kept with { Site = site, Window = window };
            var grid = Sweep.Run(model, pair, options with { Positions = Positions.Each });
            var byRole = Sweep.Run(model, pair, options with { Roles = [.. roles.Select(role => TokenRole.Parse(role.Role))] });
            Assert.Equal(roles.SelectMany(role => role.Positions.Select(_ => TokenRole.Parse(role.Role).Name)), byRole.Places!.Select(place => place.Role));
            int[] positions = [.. roles.SelectMany(role => role.Positions)];
            Assert.Equal(positions, byRole.Places!.Select(place => place.Clean.Single()));
            var heads = byRole.Axes.Count > 2 ? byRole.Shape[2] : 1;
            for (var layer = 0; layer < byRole.Shape[0]; layer++)
                for (var place = 0; place < positions.Length; place++)
                    for (var head = 0; head < heads; head++)
                    {
                        var cell = string.Join(' ', grid.Axes) switch
                        {
                            "layer pos head" => (layer * grid.Shape[1] + positions[place]) * heads + head,
                            "layer head query_pos" => (layer * heads + head) * grid.Shape[2] + positions[place],
                            _ => layer * grid.Shape[1] + positions[place],
                        };
                        Near.Equal(grid.Logits![cell], byRole.Logits![(layer * positions.Length + place) * heads + head], 1e-5f, $"{site.Name()}, layer {layer}, {positions[place]}, head {head}");
                    }
        }
    }

    [Fact]
    public void An_answer_of_several_tokens_is_read_behind_prompts_of_unequal_length()
    {
        using var model = RandomModel.Create();
        var pair = new PromptPair(
            null, Spanned([1, 2, 3, 4, 5], 1, 3), Spanned([1, 9, 4, 5], 1, 2), new Target(7, null) { Ids = [7, 8, 9] }, new Target(11, null));
        var options = new SweepOptions { Roles = [TokenRole.Parse("subject.mean"), TokenRole.Last], Metrics = [Metric.AnswerLogProb] };
        foreach (var site in Sweep.Sites.Except([Activation.Pattern]))
        {
            var naive = Sweep.Run(model, pair, options with { Site = site, Method = SweepMethod.Naive });
            Near.Equal(naive.Raw(Metric.AnswerLogProb), Sweep.Run(model, pair, options with { Site = site }).Raw(Metric.AnswerLogProb), 1e-5f, site.Name());
        }
    }

    [Theory]
    [InlineData("subject.middle", "There is no role 'subject.middle'")]
    [InlineData("", "There is no role ''")]
    [InlineData("last.first", "There is no role 'last.first'")]
    [InlineData("other.last", "The role other.last needs the span 'other', and a prompt has only subject.")]
    [InlineData("subject.each", "The span 'subject' has 2 tokens in one prompt and 1 in the other, so subject.each has no pairs of tokens; take subject.first, subject.last or subject.mean.")]
    [InlineData("between.last", "The role between.last has no token in")]
    public void What_no_prompt_has_is_said(string role, string sentence)
    {
        using var model = RandomModel.Create();
        var pair = new PromptPair(null, Spanned([1, 2, 3, 4], 1, 3), Spanned([1, 9, 4], 1, 2), new Target(7, null), new Target(11, null));
        var e = Assert.Throws<PatchKernelException>(() => Sweep.Run(model, pair, new SweepOptions { Roles = [TokenRole.Parse(role)] }));
        Assert.StartsWith(sentence, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_of_prompts_of_unequal_length_has_no_counterpart()
    {
        using var model = RandomModel.Create();
        var pair = new PromptPair(null, Spanned([1, 2, 3, 4], 1, 3), Spanned([1, 9, 4], 1, 2), new Target(7, null), new Target(11, null));
        var e = Assert.Throws<PatchKernelException>(() => Sweep.Run(model, pair, new SweepOptions { Site = Activation.Pattern, Roles = [TokenRole.Last] }));
        Assert.Contains("as long as its own prompt", e.Message, StringComparison.Ordinal);
    }

    private static Prompt Spanned(int[] ids, int start, int end) => Prompt.FromIds(ids) with { Spans = new Dictionary<string, TokenSpan> { ["subject"] = new(start, end) } };

    private static void NearInAll(float[] expected, float[] actual, string what)
    {
        var largest = Math.Max(1, expected.Max(Math.Abs));
        Near.Equal([.. expected.Select(logit => logit / largest)], [.. actual.Select(logit => logit / largest)], 1e-5f, what); // in float64
    }
}
