namespace PatchKernel.Tests;

/// <summary>What the OpenMP library read when it was loaded, as it says itself.</summary>
public sealed class SpinLimitTests
{
    [Theory]
    [InlineData("1000")]
    [InlineData("7", "GOMP_SPINCOUNT", "7")]
    [InlineData("0", "OMP_WAIT_POLICY", "passive")]
    [InlineData("30000000000", "OMP_WAIT_POLICY", "active")]
    public async Task The_command_limits_the_spin_unless_the_user_has_said_otherwise(string expected, string? name = null, string? value = null)
    {
        RequireLibgomp();
        using var folder = new TemporaryFolder();
        var run = await Programs.RunBuiltAsync("PatchKernel.Cli", folder.Path, Environment(name, value), ["sweep", .. CliRun.TinyPair]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal([expected], SpinCounts(run));
    }

    [Fact]
    public async Task So_does_a_notebook()
    {
        RequireLibgomp();
        using var folder = new TemporaryFolder();
        var notebook = Notebooks.Notebook.Write(folder, "a.dib", Notebooks.Notebook.Setup, Notebooks.Notebook.Load, Notebooks.Notebook.Sweep);
        var run = await Programs.RunBuiltAsync("PatchKernel.Notebooks", folder.Path, Environment(name: null, value: null), "run", notebook, "--out", folder.Path);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["1000"], SpinCounts(run));
    }

    private static (string, string?)[] Environment(string? name, string? value)
    {
        (string, string?)[] clean = [("OMP_DISPLAY_ENV", "verbose"), ("GOMP_SPINCOUNT", null), ("OMP_WAIT_POLICY", null), ("KMP_BLOCKTIME", null), ("KMP_LIBRARY", null)];
        return name is null ? clean : [.. clean, (name, value)];
    }

    private static string[] SpinCounts(CliRun run) =>
        [.. run.Error.Split('\n').Where(line => line.Contains("GOMP_SPINCOUNT", StringComparison.Ordinal)).Select(line => line.Split('\'')[1])];

    private static void RequireLibgomp() => Assert.SkipUnless(OperatingSystem.IsLinux(), "reads what libgomp says, which libtorch has on Linux alone");
}
