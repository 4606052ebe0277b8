namespace PatchKernel.Tests;

/// <summary>Where the tests' files lie: in the repository, in the folder of golden data beside it, or in a folder that goes away.</summary>
internal static class TestData
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path inside the repository.</summary>
    public static string InRepository(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A path in the golden data beside the checkout; the test is skipped where it isn't there.</summary>
    public static string Golden(params string[] parts)
    {
        var path = Path.Combine([Root, "..", "shared", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"needs the golden data {string.Join('/', parts)} beside the checkout");
        return path;
    }

    /// <summary>The checkpoint folder of SmolLM2-135M-Instruct that PATCHKERNEL_SMOLLM2 names; the test is skipped where it names none.</summary>
    public static string SmolLM2()
    {
        var folder = Environment.GetEnvironmentVariable("PATCHKERNEL_SMOLLM2");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "needs a checkpoint folder of SmolLM2-135M-Instruct, named by PATCHKERNEL_SMOLLM2");
        return folder!;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PatchKernel.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run from inside the repository.");
        return folder.FullName;
    }
}

/// <summary>A folder of its own for one test, deleted with its content.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder's path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("patchkernel-test-").FullName;

    /// <summary>A path inside it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
