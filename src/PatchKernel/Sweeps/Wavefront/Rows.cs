using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Runs that start at the same position of the same base run, packed together: a lane, or the patched runs of some cells.</summary>
/// <param name="Lane">The base run's lane; a lane's own.</param>
/// <param name="Task">The sweep that the cells belong to; −1 for a lane.</param>
/// <param name="Start">The first position: nothing before it differs from the base run.</param>
/// <param name="Cells">One cell a run; of a lane, none.</param>
/// <param name="Resid">The stream from <paramref name="Start"/> on, [runs, positions, d_model];
/// of rows that are about to join, at the changed positions alone.</param>
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

    /// <summary>The same with at most so many packed positions in each part; views, or the rows themselves where they are few.</summary>
    private IEnumerable<Rows> Split(int most)
    {
        var runs = Math.Max(1, most / Positions);
        if (IsLane || Count <= runs) return [this];
        return Enumerable.Range(0, (Count + runs - 1) / runs).Select(part => part * runs).Select(from => this with
        {
            Cells = Cells[from..Math.Min(Count, from + runs)],
            Resid = Resid.narrow(0, from, Math.Min(runs, Count - from)),
        });
    }

    /// <summary>
    /// Merges rows of the same sweep and start, up to so many packed positions: larger ones would be split again. Lanes stay unmerged and come first. Frees
    /// what it copied.
    /// </summary>
    public static List<Rows> Merge(IEnumerable<Rows> rows, int most)
    {
        List<Rows> merged = [];
        foreach (var alike in rows.GroupBy(part => (part.Task, Lane: part.IsLane ? part.Lane : 0, part.Start)).OrderBy(group => group.Key))
        {
            List<Rows> parts = [];
            foreach (var part in alike)
            {
                if (parts.Sum(each => each.Count * each.Positions) + part.Count * part.Positions > most) merged.AddRange(Together(parts));
                parts.Add(part);
            }
            merged.AddRange(Together(parts));
        }
        return merged;
    }

    /// <summary>The rows as one, and the list empty.</summary>
    private static Rows[] Together(List<Rows> parts)
    {
        Rows[] taken = [.. parts];
        parts.Clear();
        if (taken.Length < 2) return taken;
        var together = taken[0] with { Cells = [.. taken.SelectMany(part => part.Cells)], Resid = cat([.. taken.Select(part => part.Resid)]) };
        foreach (var part in taken) part.Resid.Dispose();
        return [together];
    }

    /// <summary>Rows in waves that go through the rest of the layer together; the first wave has those that there is room for beside a slice, perhaps none.</summary>
    /// <param name="joining">The rows.</param>
    /// <param name="room">Packed positions of the first wave.</param>
    /// <param name="most">Packed positions of each other wave; a single row may have more.</param>
    public static List<List<Rows>> Waves(IEnumerable<Rows> joining, int room, int most)
    {
        List<List<Rows>> waves = [[]];
        foreach (var rows in joining)
        {
            for (var from = 0; from < rows.Count;)
            {
                var fit = room / rows.Positions;
                if (fit < 1 && (waves.Count == 1 || waves[^1].Count > 0))
                {
                    waves.Add([]);
                    room = most;
                    continue;
                }
                var taken = Math.Min(rows.Count - from, Math.Max(1, fit));
                waves[^1].Add(rows with { Cells = rows.Cells[from..(from + taken)], Resid = rows.Resid.narrow(0, from, taken) });
                room -= taken * rows.Positions;
                from += taken;
            }
        }
        return waves;
    }

    /// <summary>Rows in order, so that no slice has more packed positions than <paramref name="most"/> (a single run may).</summary>
    public static List<Slice> Slices(IReadOnlyList<Rows> rows, int most)
    {
        List<Slice> slices = [];
        List<Rows> parts = [], finished = [];
        var positions = 0;
        foreach (var group in rows)
        {
            foreach (var part in group.Split(most))
            {
                var more = part.Count * part.Positions;
                if (positions + more > most && parts.Count > 0) Cut();
                parts.Add(part);
                positions += more;
            }
            finished.Add(group);
        }
        Cut();
        return slices;

        void Cut()
        {
            slices.Add(new Slice([.. parts], [.. finished]));
            parts.Clear();
            finished.Clear();
            positions = 0;
        }
    }
}

/// <summary>Rows that go through a layer together.</summary>
/// <param name="Parts">The rows; views where the rest of them goes in another slice.</param>
/// <param name="Finished">The rows of which nothing is left after this slice.</param>
internal sealed record Slice(IReadOnlyList<Rows> Parts, IReadOnlyList<Rows> Finished)
{
    /// <summary>Frees what has gone through the layer.</summary>
    public void Free()
    {
        foreach (var rows in Finished) rows.Resid.Dispose();
        foreach (var part in Parts) part.Resid.Dispose();
    }
}
