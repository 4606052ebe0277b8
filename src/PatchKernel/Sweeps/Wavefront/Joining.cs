using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Rows of one start that join the wavefront.</summary>
/// <param name="Lane">The base run's lane.</param>
/// <param name="Task">The sweep.</param>
/// <param name="Start">The first position that differs.</param>
/// <param name="Cells">One cell a row.</param>
/// <param name="Value">What stands at the start and right after it, [rows, positions, width].</param>
internal readonly record struct Joining(int Lane, int Task, int Start, int[] Cells, Tensor Value)
{
    /// <summary>Rows in waves that go through the rest of the layer together; the first wave has those that there is room for beside a slice, perhaps none.</summary>
    /// <param name="joining">The rows.</param>
    /// <param name="room">Packed positions of the first wave.</param>
    /// <param name="most">Packed positions of each other wave; a single row may have more.</param>
    public static List<List<Joining>> Waves(IEnumerable<Joining> joining, int room, int most)
    {
        List<List<Joining>> waves = [[]];
        foreach (var rows in joining)
        {
            for (long from = 0, count = rows.Value.shape[0]; from < count;)
            {
                var fit = room / rows.Value.shape[1];
                if (fit < 1 && (waves.Count == 1 || waves[^1].Count > 0))
                {
                    waves.Add([]);
                    room = most;
                    continue;
                }
                var taken = Math.Min(count - from, Math.Max(1, fit));
                waves[^1].Add(rows with { Cells = rows.Cells[(int)from..(int)(from + taken)], Value = rows.Value.narrow(0, from, taken) });
                room -= (int)(taken * rows.Value.shape[1]);
                from += taken;
            }
        }
        return waves;
    }
}
