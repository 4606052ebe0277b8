using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Logits of rows that have left the last layer, so many at once.</summary>
/// <param name="model">The model.</param>
/// <param name="lanes">The unpatched runs.</param>
/// <param name="most">How many positions have logits at once.</param>
internal sealed class RowLogits(LanguageModel model, IReadOnlyList<Lane> lanes, int most)
{
    /// <summary>Hands over the logits of some rows; lanes and cells together, whatever their sweep, since each part reads the whole unembedding.</summary>
    /// <param name="rows">The rows; where lanes are among them, these come first, all of them.</param>
    /// <param name="ofLanes">Receives each lane's logits at the positions that are read, flat, before any cell's.</param>
    /// <param name="ofCells">Receives a task, some of its cells and their logits, [cells, positions that are read, d_vocab].</param>
    /// <param name="cancel">Stops before the next part.</param>
    public void Read(List<Rows> rows, Action<float[][]> ofLanes, Action<int, int[], Tensor> ofCells, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var read = rows.SelectMany(group => (group.IsLane ? [-1] : group.Cells).Select(cell => (group.Task, Cell: cell, lanes[group.Lane].Read))).ToArray();
        if (read.Length == 0) return;
        var streams = cat([.. rows.Select(Last)]);
        for (int from = 0, row = 0; from < read.Length;)
        {
            cancel.ThrowIfCancellationRequested();
            using var partScope = NewDisposeScope();
            var (to, count) = (from, 0);
            while (to < read.Length && (to == from || read[to].Task < 0 || count + read[to].Read <= most)) count += read[to++].Read;
            var logits = model.Unembedding.Forward(model.FinalNorm.Forward(streams.narrow(0, row, count)));
            var at = 0;
            if (from == 0 && read[0].Task < 0)
            {
                (from, at) = (lanes.Count, lanes.Sum(lane => lane.Read));
                ofLanes([.. logits.narrow(0, 0, at).split([.. lanes.Select(lane => (long)lane.Read)]).Select(lane => lane.ToFloats())]);
            }
            foreach (var task in read[from..to].GroupBy(cell => cell.Task)) // in the order of the rows
            {
                int[] cells = [.. task.Select(cell => cell.Cell)];
                var positions = task.First().Read;
                ofCells(task.Key, cells, logits.narrow(0, at, cells.Length * positions).view(cells.Length, positions, -1));
                at += cells.Length * positions;
            }
            (from, row) = (to, row + count);
        }
    }

    private Tensor Last(Rows group) => group.Resid.narrow(1, group.Positions - lanes[group.Lane].Read, lanes[group.Lane].Read).flatten(0, 1);
}
