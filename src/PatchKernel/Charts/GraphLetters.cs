namespace PatchKernel.Charts;

/// <summary>What is written into the boxes and marks of a graph, and how large: as much as fits without touching the next one.</summary>
/// <param name="Size">Size of boxes' letters; 0 where boxes have none.</param>
/// <param name="Shortness">Which of its labels a box has, the longest being 0.</param>
/// <param name="InputSize">Size of marks' letters; 0 where marks are dots.</param>
internal sealed record GraphLetters(float Size, int Shortness, float InputSize)
{
    private const double Air = 3;

    private static readonly double[] Dots = [5, 4, 3, 2];

    private static readonly (float Size, int Shortness)[] Choices = [(11, 0), (10, 0), (11, 1), (10, 1), (9, 1), (10, 2), (9, 2), (8, 2)];

    private static readonly float[] InputSizes = [9, 8];

    /// <summary>How wide a mark without a letter is: less where many stand in a row.</summary>
    private double Dot { get; init; } = Dots[0];

    /// <summary>The largest and longest that fit.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="acrossUnit">Points to a unit from left to right.</param>
    /// <param name="upUnit">Points to a unit upwards.</param>
    public static GraphLetters For(GraphPanel graph, double acrossUnit, double upUnit)
    {
        var (size, shortness) = Choices.FirstOrDefault(choice => Fits(graph.Boxes, box => new GraphLetters(choice.Size, choice.Shortness, 0).BoxOf(box)));
        var letters = new GraphLetters(size, shortness, 0) { Dot = Dots.FirstOrDefault(AreApart, Dots[^1]) };
        GraphBox[] all = [.. graph.Boxes, .. graph.Inputs];
        return letters with { InputSize = InputSizes.FirstOrDefault(input => Fits(all, (letters with { InputSize = input }).RoomOf(graph))) };

        bool AreApart(double dot)
        {
            GraphBox[] sorted = [.. graph.Inputs.OrderBy(input => input.Y).ThenBy(input => input.X)];
            return !sorted.Zip(sorted.Skip(1)).Any(next => next.First.Y == next.Second.Y && (next.Second.X - next.First.X) * acrossUnit < dot + 0.5);
        }

        bool Fits(IReadOnlyList<GraphBox> boxes, Func<GraphBox, (double Width, double Height)> roomOf)
        {
            // Only neighbours in the order from left to right can touch, and few are in reach.
            (GraphBox Box, double Width, double Height)[] sorted = [.. boxes.OrderBy(box => box.X).Select(box => (box, roomOf(box).Width, roomOf(box).Height))];
            var widest = sorted.Max(box => box.Width);
            for (var i = 0; i < sorted.Length; i++)
                for (var j = i + 1; j < sorted.Length && (sorted[j].Box.X - sorted[i].Box.X) * acrossUnit < widest + Air; j++)
                    if ((sorted[j].Box.X - sorted[i].Box.X) * acrossUnit < (sorted[i].Width + sorted[j].Width) / 2 + Air
                        && Math.Abs(sorted[j].Box.Y - sorted[i].Box.Y) * upUnit < (sorted[i].Height + sorted[j].Height) / 2 + Air / 2) return false;
            return true;
        }
    }

    /// <summary>What stands in a box.</summary>
    public string LabelOf(GraphBox box) => Size == 0 ? "" : box.Labels[Math.Min(Shortness, box.Labels.Count - 1)];

    /// <summary>What stands in a mark.</summary>
    public string LetterOf(GraphBox input) => InputSize == 0 ? "" : input.Labels[0];

    /// <summary>A box's width and height, in points.</summary>
    public (double Width, double Height) BoxOf(GraphBox box) =>
        Size == 0 ? (Dot + 2, Dot + 2) : (ChartFont.Usual.Widest([LabelOf(box)], Size) + 5, Size + 6);

    /// <summary>A mark's width and height, in points.</summary>
    public (double Width, double Height) MarkOf(GraphBox input) =>
        InputSize == 0 ? (Dot, Dot) : (Math.Max(InputSize + 3, ChartFont.Usual.Widest([LetterOf(input)], InputSize) + 5), InputSize + 3);

    private Func<GraphBox, (double Width, double Height)> RoomOf(GraphPanel graph)
    {
        var marks = graph.Inputs.ToHashSet(ReferenceEqualityComparer.Instance);
        return box => marks.Contains(box) ? MarkOf(box) : BoxOf(box);
    }
}
