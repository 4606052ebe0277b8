namespace PatchKernel.Data;

/// <summary>What is wrong with a row: the message follows the line's number, and has no full stop.</summary>
internal sealed class RowFault(string why, Exception? cause = null) : Exception(why, cause)
{
    /// <summary>A fault that something else has found.</summary>
    public static RowFault Of(PatchKernelException e) => new(e.Message.TrimEnd('.'), e);
}
