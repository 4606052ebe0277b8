namespace PatchKernel;

/// <summary>Something the user can mend: the message is one sentence that says what is wrong and what to do.</summary>
public class PatchKernelException : Exception
{
    /// <summary>An error with its sentence.</summary>
    public PatchKernelException(string message) : base(message) { }

    /// <summary>An error with its sentence and its cause.</summary>
    public PatchKernelException(string message, Exception inner) : base(message, inner) { }
}
