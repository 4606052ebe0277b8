using System.Globalization;
using System.Runtime.Versioning;

namespace PatchKernel.Tests.Cli;

/// <summary>A study as an array of a real Slurm.</summary>
[Collection(nameof(Alone)), SupportedOSPlatform("linux")]
public sealed class SlurmTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task An_array_with_a_task_that_is_requeued_writes_the_table_of_one_machine()
    {
        using var slurm = await OneNodeSlurm.Start();
        using var study = new ExperimentProcess(pairs: 24, unit: 1, "\"positions\": [\"subject.each\", \"right.mean\", \"last\"], \"sites\": [\"resid_post\", \"mlp_out\", \"z\"]");
        var submitted = await Submit(slurm, study, "--array", "4", "--cpus-per-task=1", "--mem=0");
        var said = (await Success(submitted)).Split('\n')[^2];
        var job = int.Parse(said.Split(' ')[2].TrimEnd(','), CultureInfo.InvariantCulture);
        Assert.StartsWith($"Submitted job {job}, and job {job + 1} behind it, which writes the tables.", said, StringComparison.Ordinal);

        // Task 2 has units 1, 5, 9 … : it is put back into the queue in the middle, and begins again at once.
        await OneNodeSlurm.Until(() => Task.FromResult(IsDone(study, 1)), Patience, () => "task 2 doesn't run");
        await slurm.Run("scontrol", "requeue", $"{job}_2");
        // Once it has ended, Slurm would wait two minutes.
        await OneNodeSlurm.Until(async () => await slurm.Run("squeue", "-h", "-j", $"{job}_2", "-o", "%T %r") == "PENDING BeginTime", Patience, () => "task 2 isn't put back");
        await slurm.Run("scontrol", "update", $"jobid={job}_2", "StartTime=now");
        await OneNodeSlurm.Until(async () => (await slurm.Run("squeue", "-h")).Length == 0, Patience, () => "the jobs don't end");

        Assert.True(File.Exists(Path.Combine(study.Output, "results.parquet")), string.Join('\n', Directory.GetFiles(Path.Combine(study.Output, "slurm")).Select(File.ReadAllText)));
        ExperimentProcess.Same(await study.Undisturbed(), study.Output);
        Assert.Equal(Enumerable.Range(0, 24), ExperimentProcess.Noted(study.Output));
        var task = File.ReadAllText(Path.Combine(study.Output, "slurm", $"patchkernel-{job}_2.out")); // the second start's
        Assert.StartsWith("share 2/4 of the units\nunit ", task, StringComparison.Ordinal);
        Assert.DoesNotContain("unit 2 of 24", task, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_is_cancelled_leaves_its_units_and_the_merge_lists_them()
    {
        using var slurm = await OneNodeSlurm.Start();
        using var study = new ExperimentProcess(pairs: 12, unit: 1, "\"positions\": [\"subject.each\", \"right.mean\", \"last\"], \"sites\": [\"resid_post\", \"mlp_out\", \"z\"]");
        var job = (await Success(await Submit(slurm, study, "--array", "2", "--cpus-per-task=1", "--mem=0"))).Split('\n')[^2].Split(' ')[2].TrimEnd(',');
        await OneNodeSlurm.Until(() => Task.FromResult(IsDone(study, 1)), Patience, () => "task 2 doesn't run");
        await slurm.Run("scancel", $"{job}_2");
        await OneNodeSlurm.Until(async () => (await slurm.Run("squeue", "-h")).Length == 0, Patience, () => "the jobs don't end");
        Assert.EndsWith("error: stopped before the end; no file was left half-written.\n", File.ReadAllText(Path.Combine(study.Output, "slurm", $"patchkernel-{job}_2.out"))
            .Split("slurmstepd:")[0], StringComparison.Ordinal);
        var merge = File.ReadAllText(Directory.GetFiles(Path.Combine(study.Output, "slurm"), "patchkernel-merge-*").Single());
        var missing = Experiment.Status(study.Output).Missing;
        Assert.NotEmpty(missing);
        Assert.All(missing, unit => Assert.Equal(1, unit % 2));
        Assert.Equal($"error: No table was written: of 12 units {missing.Count} {(missing.Count == 1 ? "is" : "are")} missing ({string.Join(", ", missing.Select(unit => unit + 1))}); run the study again, which runs only those.\n", merge);
        Assert.False(File.Exists(Path.Combine(study.Output, "results.parquet")));

        // Submitted again, it does those alone.
        await Success(await Submit(slurm, study, "--array", "2", "--cpus-per-task=1", "--mem=0"));
        await OneNodeSlurm.Until(async () => (await slurm.Run("squeue", "-h")).Length == 0, Patience, () => "the jobs don't end");
        Assert.Equal(Enumerable.Range(0, 12), ExperimentProcess.Noted(study.Output));
        ExperimentProcess.Same(await study.Undisturbed(), study.Output);
    }

    [Fact]
    public async Task What_slurm_refuses_is_said()
    {
        using var slurm = await OneNodeSlurm.Start();
        using var study = new ExperimentProcess(pairs: 2, unit: 1);
        Assert.Matches("^sbatch refused .*/submit.sh: .*invalid partition", (await Submit(slurm, study, "--array", "2", "--partition=nowhere")).Failure());
        Assert.Matches("^sbatch refused .*/submit.sh: .*unrecognized option '--nope=1'", (await Submit(slurm, study, "--array", "2", "--nope=1")).Failure());
    }

    [Fact]
    public async Task Without_slurm_the_script_is_there_for_where_it_is()
    {
        using var study = new ExperimentProcess(pairs: 2, unit: 1);
        var run = await Programs.RunAsync(study.Path, [("PATH", "/nowhere")],
            Path.IsPathRooted(Programs.Dotnet) ? Programs.Dotnet : "/usr/bin/dotnet", Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"), "experiment", "submit", study.Study, "--out", study.Output, "--array", "2");
        Assert.Equal($"There is no sbatch on this machine: submit {study.Output}/submit.sh where Slurm is.", run.Failure());
    }

    private static bool IsDone(ExperimentProcess study, int unit) => File.Exists(Path.Combine(study.Output, "units", FormattableString.Invariant($"{unit:D6}.parquet")));

    private static Task<CliRun> Submit(OneNodeSlurm slurm, ExperimentProcess study, params string[] options) =>
        Programs.RunBuiltAsync("PatchKernel.Cli", study.Path, slurm.Variables, ["experiment", "submit", study.Study, "--out", study.Output, .. options]);

    private static Task<string> Success(CliRun run) => Task.FromResult(run.Success());
}
