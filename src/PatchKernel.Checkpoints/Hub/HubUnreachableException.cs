namespace PatchKernel.Hub;

/// <summary>A failure that may be temporary: the hub is busy or out of reach, or the connection broke.</summary>
/// <param name="message">The sentence that is shown when no try was left.</param>
/// <param name="wait">How long the hub asked to wait, or null.</param>
/// <param name="inner">Its cause.</param>
internal sealed class HubUnreachableException(string message, TimeSpan? wait = null, Exception? inner = null)
    : PatchKernelException(message, inner!)
{
    /// <summary>How long the hub asked to wait, or null.</summary>
    public TimeSpan? Wait => wait;
}
