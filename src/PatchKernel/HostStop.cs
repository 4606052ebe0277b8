namespace PatchKernel;

/// <summary>The stop button of what hosts the library, a notebook's for one: what takes long listens to it where its caller gave no token.</summary>
/// <remarks>Only methods that users call consult it, first of all; what they call is handed the token. The host sets it, in <c>Displays/</c>.</remarks>
internal static class HostStop
{
    /// <summary>Finds the button of what is running now; null where nobody hosts the library.</summary>
    public static Func<CancellationToken>? Button { get; set; }

    /// <summary>The caller's token, or the host's where the caller gave none.</summary>
    public static CancellationToken Or(CancellationToken given) => given.CanBeCanceled ? given : Button?.Invoke() ?? given;
}
