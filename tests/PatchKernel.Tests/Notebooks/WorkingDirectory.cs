namespace PatchKernel.Tests.Notebooks;

/// <summary>A notebook's paths begin in the process's working directory, so tests that move it run alone.</summary>
[CollectionDefinition(nameof(WorkingDirectory), DisableParallelization = true)]
public sealed class WorkingDirectory : IDisposable
{
    private readonly string before = Environment.CurrentDirectory;

    /// <summary>Moves there until it is disposed of.</summary>
    public static WorkingDirectory Enter(string folder)
    {
        var entered = new WorkingDirectory();
        Environment.CurrentDirectory = folder;
        return entered;
    }

    public void Dispose() => Environment.CurrentDirectory = before;
}
