using System.Diagnostics;
using PatchKernel.Tests.Experiments.Units;

namespace PatchKernel.Tests.Cli;

/// <summary>Processes of a study that are killed, asked to end, share a folder, or find no room.</summary>
[Collection(nameof(Alone))]
public sealed class ExperimentProcessTests
{
    private const int Terminate = 15;
    private const int Usr1 = 10;

    [Fact]
    public async Task Killed_at_random_moments_and_gone_on_with_by_two_the_tables_are_the_same()
    {
        using var study = new ExperimentProcess(pairs: 40, unit: 2);
        var watch = Stopwatch.StartNew();
        var whole = await study.Undisturbed();
        var random = new Random(17);
        for (var kill = 0; kill < 6; kill++)
        {
            using var process = study.Start(study.Output);
            using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(random.NextDouble() * watch.Elapsed.TotalSeconds / 2));
            try
            {
                await process.WaitForExitAsync(moment.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }
        var two = await Task.WhenAll(ExperimentProcess.End(study.Start(study.Output)), ExperimentProcess.End(study.Start(study.Output)));
        Assert.All(two, run => Assert.True(run.ExitCode == 0, run.Error));
        ExperimentProcess.Same(whole, study.Output);
        var noted = ExperimentProcess.Noted(study.Output);
        Assert.Equal(noted.Distinct(), noted); // a kill may come between a unit's rows and its note
    }

    [Fact]
    public async Task Processes_on_one_folder_share_the_units_and_do_none_twice()
    {
        using var study = new ExperimentProcess(pairs: 24, unit: 1);
        var whole = await study.Undisturbed();
        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ExperimentProcess.End(study.Start(study.Output))));
        Assert.All(runs, run => Assert.Equal((0, $"All 24 units are done. All 24 pairs have results.\nwrote {study.Output}/results.parquet, {study.Output}/pairs.parquet, {study.Output}/summary.csv\n"), (run.ExitCode, run.Output)));
        ExperimentProcess.Same(whole, study.Output);
        Assert.Equal(Enumerable.Range(0, 24), ExperimentProcess.Noted(study.Output));
    }

    [Fact]
    public async Task Another_number_of_threads_agrees()
    {
        using var study = new ExperimentProcess(pairs: 8, unit: 4);
        var whole = await study.Undisturbed();
        var output = study.File("two");
        using var process = Process.Start(new ProcessStartInfo(Programs.Dotnet,
            [Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"), "experiment", "run", study.Study, "--out", output, "--threads", "2"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Assert.Equal(0, (await ExperimentProcess.End(process)).ExitCode);
        MiniStudy.Near(MiniStudy.Results(whole), MiniStudy.Results(output), 1e-4f);
    }

    [Theory]
    [InlineData(Terminate, "error: stopped before the end; no file was left half-written.")]
    [InlineData(Usr1, "asked to end: the current unit is finished first")]
    public async Task A_signal_ends_a_run_cleanly_and_it_goes_on(int signal, string said)
    {
        ProcessTests.SkipUnlessSent(signal);
        using var study = new ExperimentProcess(pairs: 30, unit: 3, "\"positions\": [\"subject.each\", \"right.mean\", \"last\"], \"sites\": [\"resid_post\", \"mlp_out\", \"z\"], \"controls\": []");
        var whole = await study.Undisturbed();
        using var process = study.Start(study.Output);
        var line = await process.StandardError.ReadLineAsync().WaitAsync(ExperimentProcess.Patience);
        Assert.StartsWith("unit 1 of 10", line, StringComparison.Ordinal);
        Assert.Equal(0, ProcessTests.Kill(process.Id, signal));
        var run = await ExperimentProcess.End(process);
        Assert.Equal(1, run.ExitCode); // what is missing is missing
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        var status = Experiment.Status(study.Output);
        Assert.InRange(status.Done, 1, 9);
        Assert.Empty(status.Claimed);
        if (signal == Usr1) Assert.Equal($"{status}\n", run.Output);
        Assert.Equal(Enumerable.Range(0, status.Done), ExperimentProcess.Noted(study.Output));
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(study.Output, "units")), file => file.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Equal(0, (await ExperimentProcess.End(study.Start(study.Output))).ExitCode);
        ExperimentProcess.Same(whole, study.Output);
        Assert.Equal(Enumerable.Range(0, 10), ExperimentProcess.Noted(study.Output));
    }

    [Fact]
    public async Task A_task_of_an_array_takes_its_share_and_says_so_and_one_with_gaps_claims()
    {
        using var study = new ExperimentProcess(pairs: 6, unit: 1);
        var task = await ExperimentProcess.End(study.Start(study.Output, start => Slurm(start, "2", "1", "3", "3")));
        Assert.Equal((0, "2 of 6 units done, 0 running.\n"), (task.ExitCode, task.Output));
        Assert.StartsWith("share 2/3 of the units\n", task.Error, StringComparison.Ordinal);
        Assert.Equal([0, 2, 3, 5], Experiment.Status(study.Output).Missing);
        task = await ExperimentProcess.End(study.Start(study.Output, start => Slurm(start, "7", "3", "20", "5"), "--shard", "1/3"));
        Assert.Equal([2, 5], Experiment.Status(study.Output).Missing);
        task = await ExperimentProcess.End(study.Start(study.Output, start => Slurm(start, "7", "3", "20", "5")));
        Assert.StartsWith("the array's ids have gaps, so they give no share", task.Error, StringComparison.Ordinal);
        Assert.Equal(0, task.ExitCode);
        Assert.StartsWith("All 6 units are done. All 6 pairs have results.\nwrote ", task.Output, StringComparison.Ordinal);

        static void Slurm(ProcessStartInfo start, string id, string min, string max, string count) =>
            (start.Environment["SLURM_ARRAY_TASK_ID"], start.Environment["SLURM_ARRAY_TASK_MIN"], start.Environment["SLURM_ARRAY_TASK_MAX"], start.Environment["SLURM_ARRAY_TASK_COUNT"]) = (id, min, max, count);
    }

    [Fact]
    public async Task A_full_disk_is_said_in_a_sentence_and_nothing_is_lost()
    {
        using var study = new ExperimentProcess(pairs: 8, unit: 1);
        var whole = await study.Undisturbed();
        foreach (var size in new[] { "8k", "40k", "72k" }) // in the first, not even the record has room
        {
            using var disk = new SmallDisk(study.File("disk"), size);
            var output = study.File("disk/out");
            var run = await ExperimentProcess.End(study.Start(output));
            Assert.Equal(1, run.ExitCode);
            var last = run.Error.Split('\n')[^2];
            Assert.StartsWith("error: Cannot write '", last, StringComparison.Ordinal);
            Assert.EndsWith(": no space is left on the disk.", last, StringComparison.Ordinal);
            var done = ExperimentProcess.Done(output);
            disk.Resize("8m");
            run = await ExperimentProcess.End(study.Start(output));
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal(8 - done, run.Error.Split('\n').Count(line => line.StartsWith("unit ", StringComparison.Ordinal)));
            ExperimentProcess.Same(whole, output);
        }
    }

    [Fact]
    public async Task A_folder_that_can_t_be_written_is_said_in_a_sentence()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs root and setpriv, to be somebody else");
        if (!OperatingSystem.IsLinux()) return;
        using var study = new ExperimentProcess(pairs: 2, unit: 1);
        var whole = await study.Undisturbed();
        foreach (var path in new[] { study.Path, whole, Path.Combine(whole, "units"), Path.Combine(whole, "claims"), Path.Combine(whole, "runs") })
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        File.Delete(Path.Combine(whole, "units", "000001.parquet"));
        foreach (var output in new[] { study.File("new"), whole })
        {
            var run = await Programs.RunAsync(study.Path, [("HOME", study.Path), ("DOTNET_BUNDLE_EXTRACT_BASE_DIR", null)],
                "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Programs.Dotnet, Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"), "experiment", "run", study.Study, "--out", output, "--threads", "1");
            Assert.Matches("^(The folder '.*new' can't be made|Cannot write '.*000001.1'): permission denied(; give another one)?.$", run.Failure());
        }
    }
}
