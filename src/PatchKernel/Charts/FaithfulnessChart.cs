using PatchKernel.Charts;

namespace PatchKernel;

/// <summary>How much of the model's answer circuits give by themselves, the more edges they have: one curve a ranking.</summary>
public static class FaithfulnessChart
{
    /// <summary>Draws faithfulness over the share of edges.</summary>
    /// <param name="shares">The parts of all edges, above 0 and up to 1, in growing order; the axis is logarithmic.</param>
    /// <param name="curves">The rankings, and random circuits.</param>
    /// <param name="options">Caption and looks.</param>
    /// <exception cref="PatchKernelException">Shares aren't between 0 and 1 and growing, a curve has another number of values, or there are none or too many curves.</exception>
    public static ResultChart Draw(IReadOnlyList<double> shares, IReadOnlyList<FaithfulnessLine> curves, FaithfulnessChartOptions? options = null)
    {
        Check(shares, curves);
        var rankings = curves.Where(curve => !curve.IsControl).ToList();
        Curve[] drawn = [.. curves.Select(curve => new Curve(curve.Name, curve.IsControl ? Theme.ControlSeries : Series(rankings.IndexOf(curve)), curve.Values, curve.Lower, curve.Upper))];
        float[] all = [.. curves.SelectMany(curve => curve.Values)];
        float[] shown = [.. all, .. curves.SelectMany(curve => curve.Lower ?? []), .. curves.SelectMany(curve => curve.Upper ?? []), 1];
        var panel = new CurvePanel(Columns(shares), DrawnAxis.Around("Faithfulness", shown) with { HasZero = false }, drawn)
        {
            Levels = [new("whole model = 1", 1, IsDashed: false), new("no edges = 0", 0, IsDashed: true)],
        };
        string[] caption =
        [
            .. options?.Caption ?? [],
            "Faithfulness of a circuit: 1 is what the whole model does, 0 what is left without any edge; edges on a logarithmic axis",
            HeatmapCaption.DataRange(all, ColourRange.All),
        ];
        return new(new(options, "Faithfulness by Size of the Circuit", caption, panel));
    }

    /// <summary>Draws rankings of edges beside each other, and the first one's random circuits: their mean, and from the lowest to the highest.</summary>
    /// <param name="curves">Each ranking's name and its curve; all of the same sizes.</param>
    /// <param name="options">Caption and looks.</param>
    /// <exception cref="PatchKernelException">There is no curve, or too many, or their sizes differ.</exception>
    public static ResultChart Draw(IReadOnlyList<(string Ranking, FaithfulnessCurve Curve)> curves, FaithfulnessChartOptions? options = null)
    {
        if (curves.Any(each => !each.Curve.Shares.SequenceEqual(curves[0].Curve.Shares)))
            throw new PatchKernelException("The curves have circuits of different sizes, so they can't be drawn beside each other; run them with the same shares.");
        List<FaithfulnessLine> lines =
        [
            .. curves.Select(each => new FaithfulnessLine(each.Ranking, Floats(each.Curve.Faithfulness)) { Lower = each.Curve.Lower is { } lower ? Floats(lower) : null, Upper = each.Curve.Upper is { } upper ? Floats(upper) : null }),
        ];
        if (curves.Select(each => each.Curve).FirstOrDefault(curve => curve.RandomCircuits.Count > 0) is { } control) lines.Add(Control(control));
        return Draw(curves.Count == 0 ? [] : curves[0].Curve.Shares, lines, options);
    }

    /// <summary>The most rankings that can be told apart.</summary>
    internal static int MostRankings => Theme.AllSeries.Count - 1;

    // The random circuits' mean, and from the lowest to the highest.
    private static FaithfulnessLine Control(FaithfulnessCurve curve)
    {
        var draws = curve.RandomCircuits;
        return new($"random {(curve.RandomCircuitsAreConnected ? "connected " : "")}circuits, mean of {draws.Count}", At(Enumerable.Average))
        {
            IsControl = true,
            Lower = At(Enumerable.Min),
            Upper = At(Enumerable.Max),
        };

        float[] At(Func<IEnumerable<double>, double> of) => [.. Enumerable.Range(0, draws.Min(draw => draw.Count)).Select(at => (float)of(draws.Select(draw => draw[at])))];
    }

    private static float[] Floats(IReadOnlyList<double> values) => [.. values.Select(value => (float)value)];

    private static CategoryAxis Columns(IReadOnlyList<double> shares) => new("Share of edges", [.. shares.Select(share => $"{ChartText.Tick(share * 100)} %")])
    {
        Places = [.. shares.Select(Math.Log10)],
        // Where some labels have to go, powers of ten stay.
        Kept = [.. Enumerable.Range(0, shares.Count).Where(i => Math.Abs(Math.Log10(shares[i]) - Math.Round(Math.Log10(shares[i]))) < 1e-9)],
    };

    // The grey is the controls'.
    private static int Series(int ranking) => ranking < Theme.ControlSeries ? ranking : ranking + 1;

    private static void Check(IReadOnlyList<double> shares, IReadOnlyList<FaithfulnessLine> curves)
    {
        if (shares.Count == 0 || curves.Count == 0) throw new PatchKernelException("There is no curve to draw; give at least one circuit's share of the edges, and one curve.");
        if (shares.Any(share => share is not (> 0 and <= 1)) || shares.Zip(shares.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new PatchKernelException($"Shares of the edges are above 0, up to 1, and growing; these are {string.Join(", ", shares.Select(share => FormattableString.Invariant($"{share}")))}.");
        if (curves.FirstOrDefault(curve => new[] { curve.Values, curve.Lower ?? curve.Values, curve.Upper ?? curve.Values }.Any(values => values.Count != shares.Count)) is { } odd)
            throw new PatchKernelException($"The curve '{odd.Name}' doesn't have one value for each of the {shares.Count} shares; give as many.");
        if (curves.Count(curve => !curve.IsControl) is var count && count > MostRankings)
            throw new PatchKernelException($"{count} curves can't be told apart; draw up to {MostRankings}.");
    }
}
