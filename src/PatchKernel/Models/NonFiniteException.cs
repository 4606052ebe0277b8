namespace PatchKernel.Models;

/// <summary>A run whose logits are infinite or not a number; other prompts may do well on the same model.</summary>
internal sealed class NonFiniteException(string message) : PatchKernelException(message);
