using PatchKernel.Text;

namespace PatchKernel;

/// <summary>An error that the user can fix: the message is one sentence that says what is wrong and what to do.</summary>
/// <remarks>Messages quote files, addresses and answers: control characters in one are written out, and its middle left out where it is very long, so that it is safe to print.</remarks>
public class PatchKernelException : Exception
{
    /// <summary>An error with its sentence.</summary>
    public PatchKernelException(string message) : base(PlainText.Sentence(message)) { }

    /// <summary>An error with its sentence and its cause.</summary>
    public PatchKernelException(string message, Exception inner) : base(PlainText.Sentence(message), inner) { }
}
