namespace PatchKernel.Sweeps;

/// <summary>A range of cells, in joining order, that go through the layers together.</summary>
/// <param name="From">The first cell's place.</param>
/// <param name="To">The last cell's place, included.</param>
internal sealed record CellGroup(CellPlace From, CellPlace To)
{
    /// <summary>The cells that are wanted; null for all in the range.</summary>
    public IReadOnlySet<CellPlace>? Only { get; init; }

    /// <summary>Whether a cell is in the group.</summary>
    public bool Has(CellPlace cell) => cell.CompareTo(From) >= 0 && cell.CompareTo(To) <= 0 && Only?.Contains(cell) != false;

    /// <summary>Groups in order, each as large as memory allows.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="lanes">The unpatched runs.</param>
    /// <param name="tasks">The sweeps.</param>
    /// <param name="room">Bytes that the rows of one group may take; a larger row gets a group of its own.</param>
    /// <param name="only">The cells that are wanted; null for all.</param>
    public static IReadOnlyList<CellGroup> Plan(ModelConfig config, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks, long room, IReadOnlySet<CellPlace>? only = null)
    {
        var cells = tasks.SelectMany((task, index) => Cells(config, lanes, task, index));
        if (only is null) return Plan(cells, room);
        return [.. Plan(cells.Where(cell => only.Contains(cell.Place)), room).Select(group => group with { Only = only })];
    }

    /// <summary>Groups in order, each as large as memory allows.</summary>
    /// <param name="cells">The cells, and the bytes of their rows.</param>
    /// <param name="room">Bytes that the rows of one group may take; a larger row gets a group of its own.</param>
    public static IReadOnlyList<CellGroup> Plan(IEnumerable<(CellPlace Place, long Bytes)> cells, long room)
    {
        List<CellGroup> groups = [];
        CellPlace? from = null;
        CellPlace last = default;
        long taken = 0;
        foreach (var (place, bytes) in cells.OrderBy(cell => cell.Place))
        {
            if (from is { } first && taken + bytes > room)
            {
                groups.Add(new CellGroup(first, last));
                (from, taken) = (null, 0);
            }
            from ??= place;
            (last, taken) = (place, taken + bytes);
        }
        groups.Add(new CellGroup(from!.Value, last));
        return groups;
    }

    /// <summary>Each cell's place and the bytes of its row; 0 where the patch changes nothing.</summary>
    public static IEnumerable<(CellPlace Place, long Bytes)> Cells(ModelConfig config, IReadOnlyList<Lane> lanes, SweepTask task, int index)
    {
        var length = lanes[task.Base].Ids.Count;
        var first = task.Value.First(task.Base, lanes);
        var shape = task.Site.Shape(config, lanes[task.Base].Prompt);
        var cells = task.Site.Cells(config, lanes[task.Base].Prompt);
        for (var cell = 0; cell < cells; cell++)
        {
            var at = task.Site.At(cell, shape);
            var start = at.Pos ?? first;
            yield return (new CellPlace(task.From(at.Layer), index, cell), start < first ? 0 : SweepMemory.Row(config, length - start));
        }
    }
}

/// <summary>Where a cell stands in the order in which cells join the wavefront.</summary>
/// <param name="Layer">The first layer that it patches.</param>
/// <param name="Task">The sweep.</param>
/// <param name="Cell">The cell's index in the flat grid.</param>
internal readonly record struct CellPlace(int Layer, int Task, int Cell) : IComparable<CellPlace>
{
    public int CompareTo(CellPlace other) => (Layer, Task, Cell).CompareTo((other.Layer, other.Task, other.Cell));
}
