using System.Diagnostics;

namespace PatchKernel.Tests;

/// <summary>Programs run to their end, as a user would run them.</summary>
internal static class Programs
{
    // A machine may be busy; a process that hangs still fails the test.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The <c>dotnet</c> that runs the tests.</summary>
    public static string Dotnet { get; } =
        Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";

    /// <summary>Runs a program that is built beside the tests.</summary>
    public static Task<CliRun> RunBuiltAsync(string name, string folder, IEnumerable<(string Name, string? Value)> environment, params string[] args) =>
        RunAsync(folder, environment, [Dotnet, Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), .. args]);

    /// <summary>Runs a program with the environment changed; a variable without a value is taken out.</summary>
    public static async Task<CliRun> RunAsync(string folder, IEnumerable<(string Name, string? Value)> environment, params string[] line)
    {
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var patience = new CancellationTokenSource(Patience);
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
