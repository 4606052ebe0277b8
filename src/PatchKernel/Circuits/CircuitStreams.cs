using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>What circuits' runs have written so far, and what their receivers read of it.</summary>
internal sealed class CircuitStreams
{
    private readonly EdgeGraph graph;
    private readonly int prompts, circuits;
    private Tensor differences; // own − ablated, [prompts · circuits, senders, pos, d_model]
    private Tensor rest; // what belongs to no sender, and all ablated senders so far, [prompts · circuits, pos, d_model]
    private Tensor live; // 1 where an edge is in the circuit, [circuits, receivers, senders]
    private Tensor? ablated;

    /// <summary>The runs before the first layer; all tensors belong to the caller's dispose scope.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="circuits">The circuits.</param>
    /// <param name="embedded">What enters the first layer, [prompts, pos, d_model].</param>
    /// <param name="ablated">What senders write over dead edges, [prompts, senders, pos or 1, d_model]; null for nothing.</param>
    public CircuitStreams(EdgeGraph graph, IReadOnlyList<Circuit> circuits, Tensor embedded, Tensor? ablated)
    {
        (this.graph, prompts, this.circuits, this.ablated) = (graph, (int)embedded.shape[0], circuits.Count, ablated?.to(embedded.device));
        var (receivers, senders) = (graph.Receivers.Count, graph.Senders.Count);
        var masks = new float[circuits.Count * receivers * senders];
        foreach (var (which, circuit) in circuits.Index())
            foreach (var (at, edge) in graph.Places.Index())
                if (circuit.Live[at]) masks[(which * receivers + edge.Receiver) * senders + edge.Sender] = 1;
        live = tensor(masks, [circuits.Count, receivers, senders], dtype: embedded.dtype, device: embedded.device);
        differences = zeros([Count, senders, .. embedded.shape[1..]], embedded.dtype, embedded.device);
        rest = zeros([Count, .. embedded.shape[1..]], embedded.dtype, embedded.device);
        Add(0, embedded.repeat_interleave(circuits.Count, 0).unsqueeze(1));
    }

    /// <summary>How many runs there are: each prompt with each circuit, a prompt's together.</summary>
    public int Count => prompts * circuits;

    /// <summary>What some receivers read, the first of them at a place; they have the same senders before them.</summary>
    /// <returns>[receivers, runs, pos, d_model].</returns>
    public Tensor Reads(int receiver, int count)
    {
        using var scope = NewDisposeScope();
        var before = graph.SendersBefore(receiver);
        var edges = live.narrow(1, receiver, count).narrow(2, 0, before);
        var read = edges.matmul(differences.narrow(1, 0, before).flatten(2).unflatten(0, prompts, circuits)).Counted(edges).view([Count, count, .. rest.shape[1..]]);
        return scope.MoveToOuter(read.Plus(rest.unsqueeze(1)).transpose(0, 1).contiguous());
    }

    /// <summary>Takes what some senders write, the first of them at a place, [runs, senders, pos, d_model].</summary>
    public void Add(int sender, Tensor outputs)
    {
        using var scope = NewDisposeScope();
        var count = outputs.shape[1];
        var instead = ablated?.narrow(1, sender, count).unsqueeze(1); // [prompts, 1, senders, pos or 1, d_model]
        differences.narrow(1, sender, count).copy_(instead is null ? outputs : (outputs.unflatten(0, prompts, circuits) - instead).flatten(0, 1));
        if (instead is not null) rest.unflatten(0, prompts, circuits).add_(instead.sum(2), Scalars.Of(1));
    }

    /// <summary>Takes what a layer adds that belongs to no sender, [d_model] or [runs, pos, d_model].</summary>
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
