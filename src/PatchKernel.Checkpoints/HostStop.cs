namespace PatchKernel;

/// <summary>The stop button of a notebook: methods that take long listen to it when their caller gave no token.</summary>
/// <remarks>Only methods that users call ask for it, in their first line; they hand the token on. The host sets it, in <c>Displays/</c>.</remarks>
internal static class HostStop
{
    /// <summary>Finds the stop button of the running cell; null outside a notebook.</summary>
    public static Func<CancellationToken>? Button { get; set; }

    /// <summary>The caller's token, or the stop button's if the caller gave none.</summary>
    public static CancellationToken Or(CancellationToken given) => given.CanBeCanceled ? given : Button?.Invoke() ?? given;
}
