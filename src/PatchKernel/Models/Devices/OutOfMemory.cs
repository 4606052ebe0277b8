using System.Runtime.InteropServices;

namespace PatchKernel.Models;

/// <summary>One sentence for a device without memory, in place of libtorch's pages of C++ frames.</summary>
internal static class OutOfMemory
{
    // The CPU's allocator, and CUDA's.
    private static readonly string[] Signs = ["can't allocate memory", "out of memory"];

    /// <summary>Runs an action and turns libtorch's out-of-memory error into one sentence.</summary>
    /// <exception cref="PatchKernelException">There isn't enough.</exception>
    public static T Guard<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (ExternalException e) when (Signs.Any(sign => e.Message.Contains(sign, StringComparison.Ordinal)))
        {
            throw new PatchKernelException(
                "There isn't enough memory for this: choose the residency streamed, the dtype bfloat16, or shorter prompts; `patchkernel model --plan` says what a sweep takes.", e);
        }
    }

    /// <inheritdoc cref="Guard{T}(Func{T})"/>
    public static void Guard(Action run) => Guard(() =>
    {
        run();
        return true;
    });
}
