namespace PatchKernel.Charts;

/// <summary>An axis as it is drawn.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Ticks">Where its marks are, and what they say.</param>
/// <param name="Range">The numbers at its two ends, the left or lower one first.</param>
internal sealed record DrawnAxis(string Title, IReadOnlyList<(double At, string Label)> Ticks, ColourRange Range)
{
    /// <summary>Whether its marks go on as lines behind the data.</summary>
    public bool HasGrid { get; init; }

    /// <summary>Whether its labels are texts, written upwards.</summary>
    public bool IsUpright { get; init; }
}

/// <summary>An axis of things in a row: layers, heads, tokens. Where there is no room for each label, some are left out.</summary>
/// <param name="Title">What the things are.</param>
/// <param name="Labels">One label each, in full.</param>
internal sealed record CategoryAxis(string Title, IReadOnlyList<string> Labels)
{
    private const double LineHeight = 13;
    private static readonly int[] NiceSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>Every how many things there is a label where there is room.</summary>
    public int Step { get; init; } = 1;

    /// <summary>The thing that labels are counted from.</summary>
    public int Origin { get; init; }

    /// <summary>Things whose labels stay when others make room, the most important first.</summary>
    public IReadOnlyList<int> Kept { get; init; } = [];

    /// <summary>Number of things.</summary>
    public int Count => Labels.Count;

    /// <summary>An axis of a grid, as it is numbered.</summary>
    public static CategoryAxis Counted(string axis, int count) => axis == "layer" ? Layers(count) : new(axis, [.. Enumerable.Range(0, count).Select(index => $"{index}")]);

    /// <summary>Layers, the tutorial's ticks: every fifth.</summary>
    public static CategoryAxis Layers(int count) =>
        new("Layer", [.. Enumerable.Range(0, count).Select(layer => $"{layer}")]) { Step = 5 };

    /// <summary>The clean prompt's tokens; where they differ from the corrupt ones, and the last, the labels stay.</summary>
    public static CategoryAxis Tokens(PromptPair pair) => Tokens("Token of the clean prompt", pair.Clean) with
    {
        Kept = [.. pair.DifferingPositions.Reverse().Prepend(pair.Clean.Length - 1).Distinct()],
    };

    /// <summary>A prompt's tokens.</summary>
    public static CategoryAxis Tokens(string title, Prompt prompt) =>
        new(title, [.. Enumerable.Range(0, prompt.Length).Select(pos => ChartText.Shortened(prompt.Label(pos)))]) { Kept = [prompt.Length - 1] };

    /// <summary>The axis from left to right.</summary>
    /// <param name="width">Its length.</param>
    /// <param name="upright">Whether labels are written upwards.</param>
    public DrawnAxis Across(double width, bool upright = false) =>
        Drawn(width, upright ? LineHeight : Labels.Max(label => label.Length) > 3 ? 40 : 20) with { Range = new(-0.5, Count - 0.5), IsUpright = upright };

    /// <summary>The axis from top to bottom.</summary>
    public DrawnAxis Down(double height) => Drawn(height, LineHeight);

    /// <summary>The things that get a label.</summary>
    /// <param name="each">Room that one thing has.</param>
    /// <param name="needed">Room that one label needs, in the same unit.</param>
    public IReadOnlyList<int> Ticks(double each, double needed)
    {
        var step = NiceSteps.FirstOrDefault(step => step >= Step && step % Step == 0 && step * each >= needed, NiceSteps[^1]);
        if (step == Step && Step > 1) return [.. Regular(step)];
        var apart = (int)Math.Ceiling(needed / each);
        var ticks = new List<int>();
        foreach (var tick in Kept.Concat(Regular(step)))
            if (ticks.All(taken => Math.Abs(taken - tick) >= apart)) ticks.Add(tick);
        return [.. ticks.Order()];
    }

    private DrawnAxis Drawn(double room, double needed) =>
        new(Title, [.. Ticks(room / Count, needed).Select(tick => ((double)tick, Labels[tick]))], new(Count - 0.5, -0.5));

    private IEnumerable<int> Regular(int step) => Enumerable.Range(0, Count).Where(i => (i - Origin) % step == 0);
}
