using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary>.NET Interactive's own kernel, as a process.</summary>
internal sealed class RealKernel : IDisposable
{
    private readonly Process process;
    private readonly CancellationTokenSource patience = new(TimeSpan.FromMinutes(3)); // whatever all tests of a class ask of it
    private int commands;

    private RealKernel(Process process)
    {
        this.process = process;
        _ = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it as VS Code does: commands and events are lines of JSON on its standard streams. The test is skipped where the tool isn't restored.</summary>
    public static async Task<RealKernel> StartAsync(string folder) => new(Start(folder, await InstalledKernel.EnvironmentAsync(),
        "dotnet", "interactive", "stdio", "--working-dir", folder, "--default-kernel", "csharp"));

    /// <summary>Starts a program without a terminal.</summary>
    public static Process Start(string folder, IEnumerable<(string Name, string Value)> environment, params string[] line)
    {
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Sends a command.</summary>
    /// <returns>Its token, which the events that it causes bear.</returns>
    public string Send(string type, object command)
    {
        var token = $"test-{++commands}";
        process.StandardInput.WriteLine(JsonSerializer.Serialize(new { token, commandType = type, command, routingSlip = Array.Empty<string>() }));
        process.StandardInput.Flush();
        return token;
    }

    /// <summary>Runs a cell.</summary>
    /// <returns>Its last event.</returns>
    public Task<JsonNode> SubmitAsync(string code) => EventAsync(Submit(code), "CommandSucceeded", "CommandFailed");

    /// <summary>Starts a cell.</summary>
    public string Submit(string code) => Send("SubmitCode", new { code, targetKernelName = "csharp" });

    /// <summary>Waits for one of these events of a command.</summary>
    public async Task<JsonNode> EventAsync(string token, params string[] types)
    {
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (!line.StartsWith('{') || JsonNode.Parse(line) is not { } happened) continue;
            if ((string?)happened["command"]?["token"] == token && types.Contains((string?)happened["eventType"])) return happened;
        }
        throw new InvalidOperationException("The kernel has ended.");
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.Dispose();
        patience.Dispose();
    }
}
