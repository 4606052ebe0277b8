using CsCheck;

namespace PatchKernel.Tests;

/// <summary>Sweep results that no model would give.</summary>
internal static class RandomResults
{
    private static readonly Gen<float> Number = Gen.OneOf(
        Gen.Float.Where(float.IsFinite), Gen.Const(-0f), Gen.Const(float.Epsilon), Gen.Const(float.MaxValue), Gen.Const(-1e-40f), Gen.Const(0.1f));

    // A text of half a surrogate pair is no text: JSON can't hold it.
    private static readonly Gen<string> Text = Gen.OneOf(Gen.String, Gen.Const("Ġ \n\t\"\\\u2028😀</script>"))
        .Where(text => text.EnumerateRunes().All(rune => rune.Value != 0xfffd));

    /// <summary>Results of every size from one cell up, with every kind of float and text that JSON can hold.</summary>
    public static Gen<SweepResult> Any { get; } =
        from layers in Gen.Int[1, 4]
        from positions in Gen.Int[1, 5]
        from numbers in Number.Array[3 * layers * positions + 8]
        from ids in Gen.Int[0, int.MaxValue].Array[2 * positions + 4]
        from texts in Text.Array[2 * positions + 8]
        from named in Gen.Bool
        from site in Gen.Int[0, Enum.GetValues<Activation>().Length - 1]
        from noising in Gen.Bool
        from metric in Gen.Int[0, Metric.All.Count - 1]
        from several in Gen.Bool
        let result = Build(layers, positions, numbers, ids, texts, named)
        select result with
        {
            Site = Enum.GetValues<Activation>()[site],
            Direction = noising ? Direction.Noising : Direction.Denoising,
            Metrics = [Metric.All[metric]],
            Values = new Dictionary<string, float[]>(result.Values) { [Metric.All[metric].Name] = result.CorruptTarget },
            Pair = several ? result.Pair with { CleanTargets = [result.Pair.CleanTarget, Target.FromIds([.. ids[..2]]) with { Answer = texts[0] }] } : result.Pair,
        };

    private static SweepResult Build(int layers, int positions, float[] numbers, int[] ids, string[] texts, bool named)
    {
        var cells = layers * positions;
        Prompt PromptOf(int from) => named
            ? new(texts[^1], ids[from..(from + positions)], texts[from..(from + positions)])
            : Prompt.FromIds(ids[from..(from + positions)]);
        string? TextOf(int i) => named ? texts[i] : null;
        return new()
        {
            Model = new(texts[^2], layers, 3, texts[^3]),
            Pair = new(TextOf(0), PromptOf(0), PromptOf(positions), new(ids[^1], TextOf(1)), new(ids[^2], TextOf(2))),
            Site = Activation.ResidPost,
            Direction = Direction.Denoising,
            Metrics = Metric.Usual,
            Method = texts[^4],
            CleanRun = new(numbers[^1], numbers[^2], [new(ids[^3], TextOf(3), numbers[^3]), new(ids[^4], TextOf(4), numbers[^4])]),
            CorruptRun = new(numbers[^5], numbers[^6], []),
            Axes = ["layer", "pos"],
            Shape = [layers, positions],
            Values = new Dictionary<string, float[]>
            {
                ["clean_target"] = numbers[..cells],
                ["corrupt_target"] = numbers[cells..(2 * cells)],
                ["normalised_score"] = numbers[(2 * cells)..(3 * cells)],
            },
        };
    }
}
