using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>The rows of sweeps' cells: those of one start join together.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="lanes">The unpatched runs.</param>
/// <param name="tasks">The sweeps.</param>
internal sealed class CellJoins(ModelConfig config, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks) : IRowJoins
{
    private readonly int[] first = [.. tasks.Select(task => task.Value.First(task.Base, lanes))];

    /// <inheritdoc/>
    public IEnumerable<Rows> Of(Stage stage, int layer, LayerPass pass, CellGroup group)
    {
        for (var index = 0; index < tasks.Count; index++)
        {
            var (task, at) = (tasks[index], index);
            if (task.Site.StageIn(config) != stage) continue;
            var length = lanes[task.Base].Ids.Count;
            int[] centres = [.. Enumerable.Range(0, config.NLayers).Where(centre => task.From(centre) == layer)];
            var perLayer = (int)task.Site.Cells(config, lanes[task.Base].Prompt) / config.NLayers;
            if (!centres.Any(centre => Enumerable.Range(0, perLayer).Any(cell => Has(centre, cell)))) continue;
            var view = pass.View(task, length, first[index], cell => centres.Any(centre => Has(centre, cell)));
            foreach (var start in task.Site.Starts(task.Site, view))
                foreach (var alike in start.Positions.Index().GroupBy(row => row.Item, row => row.Index)) // rows of one start lie next to each other
                    foreach (var centre in centres)
                        if (Starting(centre, start, alike.Key, [.. alike]) is { Cells.Length: > 0 } join) yield return join;

            bool Has(int centre, int cell) => group.Has(new CellPlace(layer, at, centre * perLayer + cell));

            Rows Starting(int centre, RowStart start, int pos, int[] rows)
            {
                long[] wanted = [.. rows.Where(row => Has(centre, start.Cells[row])).Select(row => (long)row)];
                int[] cells = [.. wanted.Select(row => centre * perLayer + start.Cells[row])];
                var value = wanted.Length == rows.Length ? start.Value.narrow(0, rows[0], wanted.Length) : start.Value.index(tensor(wanted, device: start.Value.device));
                return new Rows(task.Base, at, pos, cells, value);
            }
        }
    }
}
