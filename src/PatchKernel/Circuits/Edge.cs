namespace PatchKernel;

/// <summary>An edge of a model's graph: what one component writes into the stream, as another reads it.</summary>
/// <param name="Sender"><c>embed</c>, a head such as <c>L0.head.3</c>, or an MLP such as <c>L0.mlp</c>.</param>
/// <param name="Receiver">A head's query, key or value such as <c>L1.q.2</c>, an MLP, or <c>logits</c>.</param>
public readonly record struct Edge(string Sender, string Receiver)
{
    /// <summary>Sender → receiver.</summary>
    public override string ToString() => $"{Sender} → {Receiver}";
}
