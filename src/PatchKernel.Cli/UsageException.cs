namespace PatchKernel.Cli;

/// <summary>Options that don't go together: exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
