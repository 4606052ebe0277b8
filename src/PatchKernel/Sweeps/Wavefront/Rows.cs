using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Runs that start at the same position of the same base run, packed together: a lane, or the patched runs of some cells.</summary>
/// <param name="Lane">The base run's lane; a lane's own.</param>
/// <param name="Task">The sweep that the cells belong to; −1 for a lane.</param>
/// <param name="Start">The first position: nothing before it differs from the base run.</param>
/// <param name="Cells">One cell a run; of a lane, none.</param>
/// <param name="Resid">The stream from <paramref name="Start"/> on, [runs, positions, d_model].</param>
internal sealed record Rows(int Lane, int Task, int Start, int[] Cells, Tensor Resid)
{
    /// <summary>Number of runs.</summary>
    public int Count => (int)Resid.shape[0];

    /// <summary>Number of positions of each.</summary>
    public int Positions => (int)Resid.shape[1];

    /// <summary>Whether this is an unpatched run.</summary>
    public bool IsLane => Task < 0;

    /// <summary>Every run's positions, one under another, [runs · positions, d_model].</summary>
    public Tensor Packed => Resid.flatten(0, 1);

    /// <summary>The same with at most so many packed positions in each part.</summary>
    public IEnumerable<Rows> Split(int most)
    {
        var runs = Math.Max(1, most / Positions);
        if (IsLane || Count <= runs) return [this];
        return Enumerable.Range(0, (Count + runs - 1) / runs).Select(part => part * runs).Select(from => this with
        {
            Cells = Cells[from..Math.Min(Count, from + runs)],
            Resid = Resid.narrow(0, from, Math.Min(runs, Count - from)),
        });
    }

    /// <summary>Puts rows of the same sweep and start together; lanes stay as they are and come first.</summary>
    public static List<Rows> Merge(IEnumerable<Rows> rows) =>
    [
        .. rows.GroupBy(part => (part.Task, Lane: part.IsLane ? part.Lane : 0, part.Start)).OrderBy(group => group.Key).Select(group =>
        {
            Rows[] parts = [.. group];
            return parts.Length == 1 ? parts[0] : parts[0] with
            {
                Cells = [.. parts.SelectMany(part => part.Cells)],
                Resid = cat([.. parts.Select(part => part.Resid)]),
            };
        }),
    ];

    /// <summary>Groups in order, so that no slice has more packed positions than <paramref name="most"/> (a single run may).</summary>
    public static List<Rows[]> Slices(IEnumerable<Rows> rows, int most)
    {
        List<Rows[]> slices = [];
        List<Rows> slice = [];
        var positions = 0;
        foreach (var part in rows.SelectMany(part => part.Split(most)))
        {
            var more = part.Count * part.Positions;
            // The lanes stay together: every other row reads them.
            if (positions + more > most && slice.Count > 0 && !part.IsLane)
            {
                slices.Add([.. slice]);
                (slice, positions) = ([], 0);
            }
            slice.Add(part);
            positions += more;
        }
        slices.Add([.. slice]);
        return slices;
    }
}
