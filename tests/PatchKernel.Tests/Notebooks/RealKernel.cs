using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary>.NET Interactive's own kernel, the tool of the tool manifest, as a process.</summary>
internal sealed class RealKernel : IDisposable
{
    private readonly Process process;
    private readonly CancellationTokenSource patience = new(TimeSpan.FromMinutes(3)); // whatever all tests of a class ask of it
    private int commands;

    /// <summary>Starts it as VS Code does: commands and events are lines of JSON on its standard streams.</summary>
    public RealKernel(string folder)
    {
        RequireTool();
        process = Start(folder, [], "dotnet", "interactive", "stdio", "--working-dir", folder, "--default-kernel", "csharp");
        _ = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The test is skipped where the tool isn't restored.</summary>
    public static void RequireTool()
    {
        var manifest = JsonNode.Parse(File.ReadAllText(TestData.InRepository(".config", "dotnet-tools.json")))!;
        var version = (string)manifest["tools"]!["microsoft.dotnet-interactive"]!["version"]!;
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Assert.SkipUnless(Directory.Exists(Path.Combine(packages, "microsoft.dotnet-interactive", version)),
            $"needs the tool Microsoft.dotnet-interactive {version}: dotnet tool restore");
    }

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
