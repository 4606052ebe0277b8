namespace PatchKernel.Circuits;

/// <summary>An edge by the places of its ends in the graph.</summary>
/// <param name="Sender">The sender's place.</param>
/// <param name="Receiver">The receiver's place.</param>
internal readonly record struct EdgePlace(int Sender, int Receiver);

/// <summary>What reads the stream.</summary>
/// <param name="Layer">The layer; of the logits, the last.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Head">The query or key/value head; 0 where there is none.</param>
internal readonly record struct Receiver(int Layer, ReceiverKind Kind, int Head);

/// <summary>The kinds of receivers.</summary>
internal enum ReceiverKind
{
    /// <summary>A head's query.</summary>
    Query,

    /// <summary>A key/value head's key.</summary>
    Key,

    /// <summary>A key/value head's value.</summary>
    Value,

    /// <summary>An MLP.</summary>
    Mlp,

    /// <summary>The final norm, whose output is unembedded.</summary>
    Logits,
}
