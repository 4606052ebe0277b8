using PatchKernel.Cli;

namespace PatchKernel.Tests;

/// <summary>What a command line printed, and its exit code.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>A checkpoint without a tokenizer.</summary>
    public static string Tiny { get; } = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "llama3.2-tied-gqa-rope3");

    /// <summary>Options of its golden pair.</summary>
    public static string[] TinyPair { get; } =
    [
        "--model", Tiny, "--clean-ids", "1,201,75,60,137,59,66,16,95,46", "--corrupt-ids", "1,201,75,60,156,70,66,16,95,46", "--target-ids", "157,3",
    ];

    /// <summary>Runs a command line in this process, as if its output were piped.</summary>
    public static CliRun Of(params string[] args) => Of(CancellationToken.None, args);

    public static CliRun Of(CancellationToken cancel, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLine.Run(args, Terminal.Plain(output, error), cancel);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The one line of a failed run, without its name.</summary>
    public string Failure(int exitCode = 1)
    {
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Equal(exitCode, ExitCode);
        return line["error: ".Length..].TrimEnd();
    }

    /// <summary>Fails unless the run went well, whatever it has noted.</summary>
    public void Well() => Assert.True(ExitCode == 0, Error);

    /// <summary>Fails unless the run went well, and gives its output.</summary>
    public string Success()
    {
        Assert.Equal((0, ""), (ExitCode, string.Join('\n', Error.Split('\n').Where(line => !line.StartsWith("warning: ", StringComparison.Ordinal)))));
        return Output;
    }
}
