using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>What circuits' runs have written so far, and what their receivers read of it.</summary>
internal sealed class CircuitStreams
{
    private readonly EdgeGraph graph;
    private Tensor differences; // own − ablated, [circuits, senders, pos, d_model]
    private Tensor rest; // what belongs to no sender, and all ablated senders so far, [circuits, pos, d_model]
    private Tensor live; // 1 where an edge is in the circuit, [circuits, receivers, senders]
    private Tensor? ablated;

    /// <summary>The runs before the first layer; all tensors belong to the caller's dispose scope.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="circuits">The circuits.</param>
    /// <param name="embedded">What enters the first layer, [pos, d_model].</param>
    /// <param name="ablated">What senders write over dead edges, [senders, pos or 1, d_model]; null for nothing.</param>
    public CircuitStreams(EdgeGraph graph, IReadOnlyList<Circuit> circuits, Tensor embedded, Tensor? ablated)
    {
        (this.graph, Count, this.ablated) = (graph, circuits.Count, ablated?.to(embedded.device));
        var (receivers, senders) = (graph.Receivers.Count, graph.Senders.Count);
        var masks = new float[circuits.Count * receivers * senders];
        foreach (var (which, circuit) in circuits.Index())
            foreach (var (at, edge) in graph.Places.Index())
                if (circuit.Live[at]) masks[(which * receivers + edge.Receiver) * senders + edge.Sender] = 1;
        live = tensor(masks, [circuits.Count, receivers, senders], dtype: embedded.dtype, device: embedded.device);
        differences = zeros([circuits.Count, senders, .. embedded.shape], embedded.dtype, embedded.device);
        rest = zeros([circuits.Count, .. embedded.shape], embedded.dtype, embedded.device);
        Add(0, embedded.expand(circuits.Count, 1, -1, -1));
    }

    /// <summary>How many circuits there are.</summary>
    public int Count { get; }

    /// <summary>What some receivers read, the first of them at a place; they have the same senders before them.</summary>
    /// <returns>[receivers, circuits, pos, d_model].</returns>
    public Tensor Reads(int receiver, int count)
    {
        using var scope = NewDisposeScope();
        var before = graph.SendersBefore(receiver);
        var edges = live.narrow(1, receiver, count).narrow(2, 0, before);
        var read = edges.matmul(differences.narrow(1, 0, before).flatten(2)).Counted(edges).view([Count, count, .. rest.shape[1..]]);
        return scope.MoveToOuter(read.Plus(rest.unsqueeze(1)).transpose(0, 1).contiguous());
    }

    /// <summary>Takes what some senders write, the first of them at a place, [circuits, senders, pos, d_model].</summary>
    public void Add(int sender, Tensor outputs)
    {
        using var scope = NewDisposeScope();
        var count = outputs.shape[1];
        var instead = ablated?.narrow(0, sender, count);
        differences.narrow(1, sender, count).copy_(instead is null ? outputs : outputs - instead);
        if (instead is not null) rest.add_(instead.sum([0]), Scalars.Of(1));
    }

    /// <summary>Takes what a layer adds that belongs to no sender, [d_model] or [circuits, pos, d_model].</summary>
    public void AddRest(Tensor added) => rest.add_(added, Scalars.Of(1));

    /// <summary>Moves all to a device, where it isn't there already; owned by the caller's dispose scope.</summary>
    public void Move(Device device)
    {
        if (rest.device.IsSame(device)) return;
        using var scope = NewDisposeScope();
        (rest, differences, live) = (Moved(rest), Moved(differences), Moved(live));
        ablated = ablated is null ? null : Moved(ablated);

        Tensor Moved(Tensor value) => scope.MoveToOuter(value.to(device));
    }
}
