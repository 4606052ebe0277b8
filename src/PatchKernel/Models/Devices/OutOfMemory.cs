using System.Runtime.InteropServices;

namespace PatchKernel;

/// <summary>Says in one sentence that a device has no more memory, where libtorch's own error is pages of C++ frames.</summary>
internal static class OutOfMemory
{
    // The CPU's allocator, and CUDA's.
    private static readonly string[] Signs = ["can't allocate memory", "out of memory"];

    /// <summary>Runs what may need more memory than there is.</summary>
    /// <exception cref="PatchKernelException">There isn't enough.</exception>
    public static T Told<T>(Func<T> run)
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
}
