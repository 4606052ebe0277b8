using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>The rows of edges: each is the patched run with one sender's difference added to what one receiver reads, and joins behind that receiver.</summary>
/// <param name="plan">The edges.</param>
/// <param name="differences">Gathers what the senders' differences are.</param>
internal sealed class EdgeJoins(EdgePlan plan, SenderDifferences differences) : IRowJoins
{
    // Positions of rows that are made at once.
    private const int MostPositions = 2 * LayerPass.MostPositions;

    public IEnumerable<Rows> Of(Stage stage, int layer, LayerPass pass, CellGroup group)
    {
        if (plan.First >= plan.Length) yield break;
        var view = pass.View(plan.Task, plan.Length, plan.First, _ => true);
        if (stage == Stage.ResidPre && layer == 0) differences.AddEmbedding(pass.Lanes);
        if (stage == Stage.ResidPost) differences.AddLayer(layer, view.Block, pass.Lanes);
        foreach (var kind in plan.KindsAt(stage))
        {
            var edges = plan.In(layer, kind).Where(group.Has).ToArray();
            if (edges.Length == 0) continue;
            var streams = new ReceiverStreams(view, pass.Lanes[0].RotatedKeys);
            var each = streams.Count(kind) * (plan.Length - streams.Reads(kind));
            foreach (var part in edges.Select(edge => plan.At(edge).Sender).Distinct().Order().Chunk(Math.Max(1, MostPositions / each)))
                yield return Joining(streams, kind, part, [.. edges.Where(edge => part.Contains(plan.At(edge).Sender))], pass.Device);
        }
    }

    /// <summary>The rows of some edges from some senders to one kind of receiver.</summary>
    private Rows Joining(ReceiverStreams streams, ReceiverKind kind, int[] senders, CellPlace[] edges, Device device)
    {
        using var scope = NewDisposeScope();
        var all = streams.Of(kind, differences.Of(senders, streams.Reads(kind), device)).flatten(0, 1); // [receivers · senders, positions, d_model]
        long[] rows = [.. edges.Select(edge => (long)plan.ReceiverOf(edge).Head * senders.Length + Array.IndexOf(senders, plan.At(edge).Sender))];
        var value = rows.Length == all.shape[0] && rows.Index().All(row => row.Item == row.Index) ? all : all.index(tensor(rows, device: device));
        return new Rows(plan.Task.Base, 0, streams.From, [.. edges.Select(edge => edge.Cell)], scope.MoveToOuter(value));
    }
}
