using System.Diagnostics;
using System.Text.Json;
using PatchKernel.Tests.Experiments.Units;

namespace PatchKernel.Tests.Cli;

/// <summary>A study in a folder of its own, and processes of the command that run it.</summary>
internal sealed class ExperimentProcess : IDisposable
{
    // A machine may be busy; a process that hangs still fails the test.
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();

    /// <param name="pairs">How many pairs of the mini model's.</param>
    /// <param name="unit">Pairs in a unit.</param>
    /// <param name="fields">Further fields.</param>
    public ExperimentProcess(int pairs, int unit, string fields = "\"positions\": [\"subject.last\", \"right.mean\", \"last\"]") => System.IO.File.WriteAllText(
        Study, $$"""{ "model": "{{MiniStudy.Model}}", "data": { "file": "{{MiniStudy.Pairs}}", "limit": {{pairs}} }, "unit": {{unit}}, "device": "cpu", {{fields}} }""");

    public string Study => folder.File("experiment.json");

    public string Output => folder.File("out");

    public string Path => folder.Path;

    public void Dispose() => folder.Dispose();

    /// <summary>A path in the folder.</summary>
    public string File(string name) => folder.File(name);

    /// <summary>Starts a process that runs the study.</summary>
    public Process Start(string output, Action<ProcessStartInfo>? change = null, params string[] options)
    {
        var start = new ProcessStartInfo(Programs.Dotnet, [System.IO.Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"), "experiment", "run", Study, "--out", output, "--threads", "1", .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        change?.Invoke(start);
        return Process.Start(start)!;
    }

    /// <summary>Waits for a process's end.</summary>
    public static async Task<CliRun> End(Process process)
    {
        using (process)
        {
            using var patience = new CancellationTokenSource(Patience);
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return new(process.ExitCode, await output, await error);
        }
    }

    /// <summary>Runs the study to its end, undisturbed.</summary>
    public async Task<string> Undisturbed()
    {
        var output = folder.File("undisturbed");
        Assert.Equal(0, (await End(Start(output))).ExitCode);
        return output;
    }

    /// <summary>Fails unless the tables of two folders are the same byte for byte.</summary>
    public static void Same(string expected, string actual)
    {
        foreach (var table in new[] { "results.parquet", "pairs.parquet" })
            Assert.True(System.IO.File.ReadAllBytes(System.IO.Path.Combine(expected, table)).AsSpan().SequenceEqual(System.IO.File.ReadAllBytes(System.IO.Path.Combine(actual, table))), $"{table} differs");
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(actual, "claims")));
        Assert.Equal(
            Directory.GetFiles(System.IO.Path.Combine(expected, "units")).Select(System.IO.Path.GetFileName).Order(), Directory.GetFiles(System.IO.Path.Combine(actual, "units")).Select(System.IO.Path.GetFileName).Order());
    }

    /// <summary>The units that processes noted as done by them, in a folder.</summary>
    public static IReadOnlyList<int> Noted(string output) =>
    [
        .. Directory.GetFiles(System.IO.Path.Combine(output, "runs")).SelectMany(System.IO.File.ReadLines).Select(line => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!)
            .Where(note => note.ContainsKey("unit")).Select(note => note["unit"].GetInt32()).Order(),
    ];

    /// <summary>How many units are done.</summary>
    public static int Done(string output) => Directory.Exists(System.IO.Path.Combine(output, "units"))
        ? Directory.GetFiles(System.IO.Path.Combine(output, "units"), "??????.parquet").Length : 0;
}
