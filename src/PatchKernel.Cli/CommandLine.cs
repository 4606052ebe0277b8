using System.CommandLine;
using System.CommandLine.Help;
using PatchKernel.Cli.Commands;

namespace PatchKernel.Cli;

/// <summary>The <c>patchkernel</c> command: 0 when all went well, 1 for a failed run, 2 for wrong usage.</summary>
internal static class CommandLine
{
    public const string Stopped = "stopped before the end; no file was left half-written.";

    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>Runs one command line; nothing it throws gets out.</summary>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancel = default)
    {
        Option<bool> verbose = new("--verbose") { Description = "Show the stack trace of an error.", Recursive = true };
        // Not a RootCommand: that one is called what the assembly is called.
        var root = new Command("patchkernel", "Activation patching (causal tracing) of language models.")
        {
            verbose,
            new HelpOption { Recursive = true },
            new VersionOption(),
            SweepCommand.Create(terminal, cancel),
            AttributeCommand.Create(terminal, cancel),
            CircuitCommand.Create(terminal, cancel),
            PredictCommand.Create(terminal, cancel),
            CheckCommand.Create(terminal),
            PairsCommand.Create(terminal),
            ModelCommand.Create(terminal, cancel),
            TokensCommand.Create(terminal),
            ExperimentCommand.Create(terminal, cancel),
            NotebookCommand.Create(),
        };
        // A text may begin with '@': it is no response file.
        var parse = root.Parse(args.Count > 0 ? args : ["--help"], new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (parse.Errors.Count > 0) throw new UsageException(Fault(parse, root));
            var writer = terminal.Console.Profile.Out.Writer;
            return parse.Invoke(new InvocationConfiguration { Output = writer, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            terminal.Error(Message(e));
            if (parse.GetValue(verbose)) terminal.Trace(e);
            return e is UsageException ? WrongUsage : Failed;
        }
    }

    private static string Fault(ParseResult parse, Command root)
    {
        if (parse.UnmatchedTokens is not [var unknown, ..]) return parse.Errors[0].Message;
        return parse.CommandResult.Command == root
            ? $"there is no command '{unknown}'; choose one of {string.Join(", ", root.Subcommands.Select(command => command.Name))}"
            : $"{parse.CommandResult.Command.Name} has no option '{unknown}'";
    }

    private static string Message(Exception e) => e switch
    {
        OperationCanceledException => Stopped,
        PatchKernelException => e.Message,
        UsageException => $"{e.Message.TrimEnd('.')}; see --help.",
        IOException => "a file or standard output can't be read or written; run again with --verbose to see which.",
        _ => $"a fault in PatchKernel itself, {e.GetType().Name}: {e.Message} Please report it, with what --verbose shows.",
    };
}
