namespace PatchKernel;

/// <summary>An axis of things in a row: layers, heads, tokens. Where there is no room for each label, some are left out.</summary>
/// <param name="Title">What the things are.</param>
/// <param name="Labels">One label each, in full.</param>
internal sealed record CategoryAxis(string Title, IReadOnlyList<string> Labels)
{
    private static readonly int[] NiceSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>Every how many things there is a label where there is room.</summary>
    public int Step { get; init; } = 1;

    /// <summary>The thing that labels are counted from.</summary>
    public int Origin { get; init; }

    /// <summary>Things whose labels stay when others make room, the most important first.</summary>
    public IReadOnlyList<int> Kept { get; init; } = [];

    /// <summary>Number of things.</summary>
    public int Count => Labels.Count;

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

    private IEnumerable<int> Regular(int step) => Enumerable.Range(0, Count).Where(i => (i - Origin) % step == 0);
}
