namespace PatchKernel.Charts;

/// <summary>An axis as it is drawn.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Ticks">Where its marks are, and what they say.</param>
/// <param name="Range">The numbers at its two ends, the left or lower one first.</param>
internal sealed record DrawnAxis(string Title, IReadOnlyList<(double At, string Label)> Ticks, ColourRange Range)
{
    /// <summary>Whether its marks go on as lines behind the data.</summary>
    public bool HasGrid { get; init; }

    /// <summary>Whether zero has a line of its own, where numbers lie below it too.</summary>
    public bool HasZero { get; init; } = true;

    /// <summary>Whether its labels are texts, written upwards.</summary>
    public bool IsUpright { get; init; }

    /// <summary>An axis of numbers, with lines behind the data.</summary>
    /// <param name="title">The quantity and its unit.</param>
    /// <param name="range">Its two ends.</param>
    /// <param name="lastTick">No mark stands beyond this one, though bars' notes may.</param>
    /// <param name="room">Room for the marks' labels side by side.</param>
    public static DrawnAxis OfNumbers(string title, ColourRange range, double lastTick = double.PositiveInfinity, double room = 320) =>
        new(title, [.. RoundNumbers(range, room).Where(tick => tick <= lastTick + 1e-9).Select(tick => (tick, ChartText.Tick(tick)))], range) { HasGrid = true };

    /// <summary>An axis that shows all of the values, and zero.</summary>
    public static DrawnAxis Around(string title, IEnumerable<float> values)
    {
        float[] finite = [.. values.Where(float.IsFinite).Append(0)];
        double low = finite.Min(), high = finite.Max();
        var margin = Math.Max(high - low, 0.1) * 0.06;
        return OfNumbers(title, new(low < 0 ? low - margin : low, high + margin));
    }

    /// <summary>An axis that shows all of the values and zero, with room beyond both ends; numbers as small as estimates may be fill it.</summary>
    public static DrawnAxis AroundAll(string title, IEnumerable<float> values)
    {
        float[] all = [.. values.Append(0)];
        double low = all.Min(), high = all.Max();
        var margin = high > low ? (high - low) * 0.06 : 0.1;
        return OfNumbers(title, new(low - margin, high + margin));
    }

    // About six between the ends, fewer where there is no room.
    private static IEnumerable<double> RoundNumbers(ColourRange range, double room)
    {
        var (span, most) = (range.High - range.Low, Math.Clamp(room / 45, 2, 7));
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(span / (most - 1))));
        var step = magnitude * new[] { 1.0, 2, 5, 10, 20 }.First(factor => span / (magnitude * factor) <= most);
        var first = (int)Math.Ceiling(range.Low / step - 1e-9);
        return Enumerable.Range(first, (int)Math.Floor(range.High / step + 1e-9) - first + 1).Select(i => i * step);
    }
}

/// <summary>An axis of things in a row: layers, heads, tokens. Where there is no room for each label, some are left out.</summary>
/// <param name="Title">What the things are.</param>
/// <param name="Labels">One label each, in full.</param>
internal sealed record CategoryAxis(string Title, IReadOnlyList<string> Labels)
{
    private const double LineHeight = 13;
    private static readonly int[] NiceSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>What a table calls the things, which has more room.</summary>
    public IReadOnlyList<string> InFull { get; init; } = Labels;

    /// <summary>Every how many things there is a label where there is room.</summary>
    public int Step { get; init; } = 1;

    /// <summary>The thing that labels are counted from.</summary>
    public int Origin { get; init; }

    /// <summary>Things whose labels stay when others make room, the most important first.</summary>
    public IReadOnlyList<int> Kept { get; init; } = [];

    /// <summary>Where each thing stands, in growing order; null where they are equally far apart, at 0, 1, 2…</summary>
    public IReadOnlyList<double>? Places { get; init; }

    /// <summary>Whether labels are written upwards where the axis goes from left to right.</summary>
    public bool IsUpright { get; init; }

    /// <summary>Number of things.</summary>
    public int Count => Labels.Count;

    /// <summary>Where a thing stands.</summary>
    public double Place(int thing) => Places?[thing] ?? thing;

    /// <summary>The axis' two ends, with room beside the first and the last thing.</summary>
    public ColourRange Ends => Places is null ? new(-0.5, Count - 0.5) : new(Places[0] - Beside, Places[^1] + Beside);

    private double Beside => Math.Max(0.05, (Places![^1] - Places[0]) * 0.04);

    /// <summary>Things that are numbered from 0.</summary>
    public static CategoryAxis Counted(string title, int count) => new(title, [.. Enumerable.Range(0, count).Select(index => $"{index}")]);

    /// <summary>Layers: up to twenty each has its label, of more every fifth, as the tutorial has it.</summary>
    public static CategoryAxis Layers(int count) => Counted("Layer", count) with { Step = count > 20 ? 5 : 1 };

    /// <summary>The clean prompt's tokens; where they differ from the corrupt ones, and the last, the labels stay.</summary>
    public static CategoryAxis Tokens(PromptPair pair) => Tokens("Token of the clean prompt", pair.Clean) with
    {
        Kept = [.. pair.DifferingPositions.Reverse().Prepend(pair.Clean.Length - 1).Distinct()],
    };

    /// <summary>A prompt's tokens.</summary>
    public static CategoryAxis Tokens(string title, Prompt prompt) =>
        new(title, [.. Enumerable.Range(0, prompt.Length).Select(pos => ChartText.Shortened(prompt.Label(pos)))]) { Kept = [prompt.Length - 1] };

    /// <summary>The axis from left to right.</summary>
    public DrawnAxis Across(double width) =>
        Drawn(width, IsUpright ? LineHeight : Labels.Max(label => label.Length) > 3 ? 40 : 20) with { Range = Ends, IsUpright = IsUpright };

    /// <summary>The axis from top to bottom.</summary>
    public DrawnAxis Down(double height) => Drawn(height, LineHeight);

    /// <summary>The things that get a label.</summary>
    /// <param name="each">Room that one thing has, or 1 where they have places.</param>
    /// <param name="needed">Room that one label needs, in the same unit.</param>
    public IReadOnlyList<int> Ticks(double each, double needed)
    {
        var step = Places is not null ? 1 : NiceSteps.FirstOrDefault(step => step >= Step && step % Step == 0 && step * each >= needed, NiceSteps[^1]);
        if (step == Step && Step > 1) return [.. Regular(step)];
        var ticks = new List<int>();
        foreach (var tick in Kept.Concat(Regular(step)))
            if (ticks.All(taken => Math.Abs(Place(taken) - Place(tick)) * each >= needed)) ticks.Add(tick);
        return [.. ticks.Order()];
    }

    private DrawnAxis Drawn(double room, double needed) =>
        new(Title, [.. Ticks(room / (Ends.High - Ends.Low), needed).Select(tick => (Place(tick), Labels[tick]))], new(Ends.High, Ends.Low));

    private IEnumerable<int> Regular(int step) => Enumerable.Range(0, Count).Where(i => (i - Origin) % step == 0);
}
