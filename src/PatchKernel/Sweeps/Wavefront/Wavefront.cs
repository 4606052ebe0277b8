using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Every cell of a sweep in one pass through the layers.</summary>
/// <remarks>
/// A row is one cell's run, from the first position that its patch changes on. It joins when its layer is reached: up to there it is the base
/// run. It reads the base run's keys and values before its start. The lanes, which are the unpatched runs, go through each layer with the rows,
/// so that every weight is read once, and nothing is kept from one layer to the next but the stream. After the last layer only the last
/// position counts, so there the queries, the output and the MLP are computed for it alone.
/// On a GPU it is the same code: no number comes back to the host before the last layer, then one array a measure. What a GPU would want
/// beside that: windows patch a row at a time, which is a launch each, and attention runs once a start; both could be gathered.
/// </remarks>
internal sealed class Wavefront(Llama model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks)
{
    // Bounds a layer's temporaries: of these positions alone are all activations there at once.
    internal const int MostPositions = 1024;

    private readonly int[] first = [.. tasks.Select(task => task.Value.First(task.Base, lanes))];

    /// <summary>The method's name in result files.</summary>
    public const string Name = "wavefront";

    /// <summary>Runs the sweep.</summary>
    /// <param name="progress">Told after each layer, as the share of the work done, from 0 to 1.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <returns>The stream at the last position, of every lane and then of every cell whose patch changes something; owned by the caller's dispose scope.</returns>
    public List<Rows> Run(Action<double> progress, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        Device? device = null;
        Rotation rotation = default;
        List<Rows> rows = [.. lanes.Select((lane, index) => new Rows(index, -1, 0, [], Embed(lane)))];
        try
        {
            for (var layer = 0; layer < model.Config.NLayers; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                var runsOn = model.DeviceMap.Layer(layer).RunsOn;
                if (device?.Is(runsOn) != true)
                {
                    rows = Replaced(rows, entering => Moved(entering, runsOn));
                    (device, rotation) = (runsOn, model.Rotation(lanes.Max(lane => lane.Ids.Count), runsOn));
                }
                rows = Replaced(rows, entering => Through(layer, entering, rotation));
                progress((layer + 1.0) / model.Config.NLayers);
            }
        }
        finally
        {
            model.Weights.EndPass();
        }
        rows = Replaced(rows, leaving => Moved(leaving, model.DeviceMap.Head.RunsOn));
        foreach (var group in rows) scope.MoveToOuter(group.Resid);
        return rows;
    }

    private static List<Rows> Moved(List<Rows> rows, Device device) => [.. rows.Select(group => group with { Resid = group.Resid.to(device) })];

    /// <summary>Frees the rows once the new ones are made, and everything that was made on the way.</summary>
    private static List<Rows> Replaced(List<Rows> rows, Func<List<Rows>, List<Rows>> make)
    {
        using var scope = NewDisposeScope();
        var made = make(rows);
        foreach (var group in made) scope.MoveToOuter(group.Resid);
        foreach (var group in rows) group.Resid.Dispose();
        return made;
    }

    private List<Rows> Through(int layer, List<Rows> rows, Rotation rotation)
    {
        using var pass = new LayerPass(model, layer, rotation, tasks, [.. rows.TakeWhile(group => group.IsLane)]);
        List<Rows> entering = Rows.Merge([.. rows, .. Joining(Stage.Block, layer, pass).Select(join => pass.Grow(join, Activation.ResidPre))]);
        List<Rows> leaving = [];
        Func<Stage, IReadOnlyList<Joining>>? starts = stage => Joining(stage, layer, pass);
        foreach (var slice in Rows.Slices(entering, MostPositions))
        {
            leaving.AddRange(pass.Forward(slice, starts));
            starts = null; // rows that join do so with the lanes
        }
        leaving.AddRange(Joining(Stage.NextBlock, layer, pass).Select(join => pass.Grow(join, Activation.ResidPost)));
        return Rows.Merge(leaving);
    }

    /// <summary>The rows that join at a stage of a layer, those of one start together.</summary>
    private List<Joining> Joining(Stage stage, int layer, LayerPass pass)
    {
        List<Joining> joining = [];
        for (var index = 0; index < tasks.Count; index++)
        {
            var task = tasks[index];
            if (task.Site.Stage != stage) continue;
            var length = lanes[task.Base].Ids.Count;
            int[] centres = [.. Enumerable.Range(0, model.Config.NLayers).Where(centre => task.From(centre) == layer)];
            if (centres.Length == 0) continue;
            foreach (var start in task.Site.Starts(pass.View(task, length, first[index])))
                joining.AddRange(ByStart(start).SelectMany(part => centres.Select(centre => Of(index, centre, part))));
        }
        return joining;
    }

    private Joining Of(int task, int centre, (int Start, int[] Cells, Tensor Value) part)
    {
        var perLayer = tasks[task].Site.Shape(model.Config, lanes[tasks[task].Base].Ids.Count)[1..].Aggregate(1, (product, size) => product * size);
        return new Joining(tasks[task].Base, task, part.Start, [.. part.Cells.Select(cell => centre * perLayer + cell)], part.Value);
    }

    /// <summary>Rows that lie next to each other and start at the same position.</summary>
    private static IEnumerable<(int Start, int[] Cells, Tensor Value)> ByStart(RowStart rows)
    {
        for (var from = 0; from < rows.Cells.Length;)
        {
            var to = from + 1;
            while (to < rows.Cells.Length && rows.Positions[to] == rows.Positions[from]) to++;
            yield return (rows.Positions[from], rows.Cells[from..to], rows.Value.narrow(0, from, to - from));
            from = to;
        }
    }

    private Tensor Embed(Lane lane)
    {
        using var scope = NewDisposeScope();
        var embedded = model.Embed(lane.Ids);
        return scope.MoveToOuter(lane.Noise is null ? embedded : embedded.Plus(lane.Noise));
    }
}
