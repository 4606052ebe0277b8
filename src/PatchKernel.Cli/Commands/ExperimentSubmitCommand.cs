using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel experiment submit</c>: a study as a Slurm array, with a job behind it that writes the tables.</summary>
internal sealed partial class ExperimentSubmitCommand
{
    private readonly Option<string> output = ExperimentCommand.Output("The folder of results, which every node must be able to write.");
    private readonly Option<string> array = new("--array") { Description = "How many tasks share the study, such as 16, or 16%4 for four at a time; or ids as sbatch takes them.", HelpName = "N", Required = true };
    private readonly Option<bool> dry = new("--dry-run") { Description = "Write the scripts and submit nothing." };
    private readonly StudyOptions studies;
    private readonly Terminal terminal;

    private ExperimentSubmitCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        studies = new StudyOptions(command);
        foreach (var option in (Option[])[output, array, dry]) command.Options.Add(option);
    }

    public static Command Create(Terminal terminal)
    {
        // What isn't ours is sbatch's.
        var command = new Command("submit", "Submit a study to Slurm as an array of tasks, with a second job that writes the tables. Further options are sbatch's, each in one word, such as --time=1:00:00.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        var submit = new ExperimentSubmitCommand(command, terminal);
        command.SetAction(submit.Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        if (parse.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is { } stray)
            throw new UsageException($"'{stray}' stands alone; write options of sbatch in one word, such as --time=1:00:00");
        var ids = Ids(parse.GetValue(array)!);
        var folder = Path.GetFullPath(parse.GetValue(output)!);
        foreach (var line in Experiment.Check(studies.Read(parse), folder).ToString().Split('\n')) terminal.Prose(line);
        Directory.CreateDirectory(Path.Combine(folder, "slurm"));
        var (run, merge) = (Path.Combine(folder, "submit.sh"), Path.Combine(folder, "merge.sh"));
        string[] own = [.. parse.UnmatchedTokens];
        AtomicFile.Write(run, SlurmScript.Of("patchkernel", folder, own, [$"--array={ids}", "--requeue", "--signal=B:USR1@60"],
            ["experiment", "run", Path.GetFullPath(studies.File(parse)), .. studies.Given(parse), "--out", folder], isArray: true));
        AtomicFile.Write(merge, SlurmScript.Of("patchkernel-merge", folder, own, [], ["experiment", "merge", folder, "--csv"], isArray: false));
        terminal.Prose($"Wrote {run} and {merge}.");
        if (parse.GetValue(dry)) return 0;
        var job = Submit(run);
        // After any end: a failed task leaves units missing, which the merge lists.
        var merging = Submit(merge, $"--dependency=afterany:{job}");
        terminal.Prose($"Submitted job {job}, and job {merging} behind it, which writes the tables. See: patchkernel experiment status {folder}");
        return 0;
    }

    /// <summary>The array's ids as sbatch takes them.</summary>
    private static string Ids(string array) => Count().IsMatch(array) ? $"1-{array}" : List().IsMatch(array) ? array
        : throw new UsageException($"--array takes a number of tasks from 1 on, or ids as sbatch does, such as 16, 16%4 or 3,7,10-20:5; '{array}' is neither");

    // Behind a % stands how many of them run at a time.
    [GeneratedRegex("^[1-9][0-9]*(%[1-9][0-9]*)?$")]
    private static partial Regex Count();

    [GeneratedRegex("^(?=.*[,-])[0-9]+(-[0-9]+(:[1-9][0-9]*)?)?(,[0-9]+(-[0-9]+(:[1-9][0-9]*)?)?)*(%[1-9][0-9]*)?$")]
    private static partial Regex List();

    private static string Submit(string script, params IReadOnlyList<string> options)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("sbatch", ["--parsable", .. options, script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? said.Split(';')[0] : throw new PatchKernelException($"sbatch refused {script}: {error.Result.Trim()}");
        }
        catch (Win32Exception e)
        {
            throw new PatchKernelException($"There is no sbatch on this machine: submit {script} where Slurm is.", e);
        }
    }
}
