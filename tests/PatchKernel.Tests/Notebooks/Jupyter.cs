namespace PatchKernel.Tests.Notebooks;

/// <summary>Programs of Jupyter, where they are installed.</summary>
internal static class Jupyter
{
    // A kernel takes the first port that is free as it looks, and dies where another, started at the same time, saw the same one.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>Where a program is; null where it isn't.</summary>
    public static string? Program(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(part => Path.Combine(part, name)).FirstOrDefault(File.Exists);

    /// <summary>The test is skipped where nbconvert isn't installed.</summary>
    public static void RequireNbconvert() => Assert.SkipUnless(Program("jupyter-nbconvert") is not null, "needs Jupyter's nbconvert");

    /// <summary>Runs a program to its end, and fails with what it said unless it ended well.</summary>
    public static async Task RunAsync(string directory, IEnumerable<(string Name, string Value)> environment, params string[] line)
    {
        await OneAtATime.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await RunAloneAsync(directory, environment, line);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static async Task RunAloneAsync(string directory, IEnumerable<(string Name, string Value)> environment, string[] line)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(8)); // six notebooks, on a machine that has other work
        using var process = RealKernel.Start(directory, environment, line);
        try
        {
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{line[0]}: {await output}{await error}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
