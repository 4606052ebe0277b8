namespace PatchKernel.Tests;

/// <summary>Tests that measure the whole process, or compute on every core: no other test runs beside them.</summary>
/// <remarks>Two that compute on every core wait for each other's threads, and take ten times as long as one after the other.</remarks>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
