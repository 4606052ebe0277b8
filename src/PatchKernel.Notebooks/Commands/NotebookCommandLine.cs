using System.CommandLine;
using System.CommandLine.Help;
using PatchKernel.Cli;

namespace PatchKernel.Notebooks;

/// <summary>The command <c>patchkernel notebook</c>: 0 when all went well, 1 for a failed run, 2 for wrong usage.</summary>
internal static class NotebookCommandLine
{
    public const string Stopped = "stopped before the end; no file was left half-written.";

    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>Runs one command line; nothing it throws gets out.</summary>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, Interrupts interrupts)
    {
        Option<bool> verbose = new("--verbose") { Description = "Show the stack trace of an error.", Recursive = true };
        var notebook = new Command("notebook", "Runs, converts and watches notebooks without an editor.")
        {
            RunCommand.Create(terminal, interrupts.End),
            ConvertCommand.Create(terminal),
            WatchCommand.Create(terminal, interrupts),
        };
        // Only for the name in the help: the rest of the command is another program.
        var root = new Command("patchkernel") { verbose, new HelpOption { Recursive = true }, notebook };
        var parse = root.Parse(["notebook", .. args.DefaultIfEmpty("--help")], new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (parse.Errors.Count > 0) throw new UsageException(Fault(parse, notebook));
            var writer = terminal.Console.Profile.Out.Writer;
            return parse.InvokeAsync(new InvocationConfiguration { Output = writer, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            terminal.Error(Message(e));
            if (parse.GetValue(verbose)) terminal.Trace(e);
            return e is UsageException ? WrongUsage : Failed;
        }
    }

    private static string Fault(ParseResult parse, Command notebook)
    {
        if (parse.UnmatchedTokens is not [var unknown, ..]) return parse.Errors[0].Message;
        return parse.CommandResult.Command == notebook
            ? $"there is no command 'notebook {unknown}'; choose one of {string.Join(", ", notebook.Subcommands.Select(command => command.Name))}"
            : $"notebook {parse.CommandResult.Command.Name} has no option '{unknown}'";
    }

    private static string Message(Exception e) => e switch
    {
        OperationCanceledException => Stopped,
        PatchKernelException => e.Message,
        UsageException => $"{e.Message.TrimEnd('.')}; see --help.",
        _ => $"a fault in PatchKernel itself, {e.GetType().Name}: {e.Message} Please report it, with what --verbose shows.",
    };
}
