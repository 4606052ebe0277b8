namespace PatchKernel.Tests.Notebooks;

/// <summary>A notebook's paths begin in the process's working directory, so tests that move it run alone.</summary>
[CollectionDefinition(nameof(WorkingDirectory), DisableParallelization = true)]
public sealed class WorkingDirectory;
