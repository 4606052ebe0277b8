using PatchKernel.Tests.Experiments.Units;

namespace PatchKernel.Tests.Cli;

/// <summary><c>patchkernel experiment submit</c>: the scripts that it writes, and what it refuses.</summary>
public sealed class ExperimentSubmitTests : ExperimentCommandFolder
{
    [Fact]
    public void Submit_writes_scripts_that_can_be_read()
    {
        var output = Experiment("submit", Study(), "--out", Output, "--array", "4", "--limit", "3", "--skip-bad", "--dry-run", "--time=1:00:00", "--job-name=my study", "-c2", "--mem=4G").Success();
        Assert.Contains("3 pairs, in 2 units of up to 2\n", output, StringComparison.Ordinal);
        Assert.Contains($"Wrote {Output}/submit.sh and {Output}/merge.sh.\n", output, StringComparison.Ordinal);
        var script = File.ReadAllText(Path.Combine(Output, "submit.sh")).Split('\n');
        Assert.Equal("#!/bin/sh", script[0]);
        Assert.Equal(
            [$"--output={Output}/slurm/%x-%A_%a.out", "--array=1-4", "--requeue", "--signal=B:USR1@60", "--time=1:00:00", "--job-name=\"my study\"", "-c2", "--mem=4G"],
            script.Where(line => line.StartsWith("#SBATCH ", StringComparison.Ordinal)).Select(line => line["#SBATCH ".Length..]));
        Assert.StartsWith("exec ", script[^2], StringComparison.Ordinal);
        Assert.EndsWith($" experiment run {folder.File("experiment.json")} --limit 3 --skip-bad true --out {Output} --threads \"${{SLURM_CPUS_ON_NODE:-1}}\"", script[^2], StringComparison.Ordinal);
        var merge = File.ReadAllText(Path.Combine(Output, "merge.sh"));
        Assert.DoesNotContain("--array", merge, StringComparison.Ordinal);
        Assert.EndsWith($" experiment merge {Output} --csv\n", merge, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(Output, "slurm")));
        Run().Well(); // what submit writes is in no run's way
    }

    [Fact]
    public void Its_paths_hold_from_anywhere_and_its_quotes_are_the_shell_s()
    {
        var place = folder.File("it's 100%");
        var data = Path.Combine(place, "d.jsonl");
        Directory.CreateDirectory(place);
        File.Copy(MiniStudy.Pairs, data);
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, data);
        Experiment("submit", Study(), "--out", Path.Combine(place, "out"), "--array", "3,7", "--data", relative, "--model", Path.GetRelativePath(Environment.CurrentDirectory, MiniStudy.Model), "--controls", "", "--dry-run").Success();
        var script = File.ReadAllText(Path.Combine(place, "out", "submit.sh"));
        Assert.Contains($"#SBATCH --output=\"{place.Replace("%", "%%", StringComparison.Ordinal)}/out/slurm/%x-%A_%a.out\"\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --array=3,7\n", script, StringComparison.Ordinal);
        Assert.Contains($" --model {MiniStudy.Model} --controls '' --data '{data.Replace("'", "'\\''", StringComparison.Ordinal)}' --out ", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("16%4", "1-16%4")]
    [InlineData("1", "1-1")]
    [InlineData("3,7,10-20:5%2", "3,7,10-20:5%2")]
    [InlineData("0-3", "0-3")]
    [InlineData("0", null)]
    [InlineData("-3", null)]
    [InlineData("many", null)]
    [InlineData("4%0", null)]
    [InlineData("3,", null)]
    public void An_array_is_a_number_of_tasks_or_ids(string array, string? ids)
    {
        var run = Experiment("submit", Study(), "--out", Output, $"--array={array}", "--dry-run");
        if (ids is not null) Assert.Contains($"#SBATCH --array={ids}\n", File.ReadAllText(Path.Combine(Output, "submit.sh")), StringComparison.Ordinal);
        else Assert.Contains($"--array takes a number of tasks from 1 on, or ids as sbatch does, such as 16, 16%4 or 3,7,10-20:5; '{array}' is neither", run.Failure(2), StringComparison.Ordinal);
        Assert.Equal(ids is not null, Directory.Exists(Output));
    }

    [Fact]
    public void What_Slurm_would_read_otherwise_is_quoted()
    {
        Experiment("submit", Study(), "--out", Output, "--array", "4", "--dry-run", "--comment=a \"b\" c\\d", "--wckey=a#b").Success();
        var script = File.ReadAllText(Path.Combine(Output, "submit.sh"));
        Assert.Contains("#SBATCH --comment=\"a \\\"b\\\" c\\\\d\"\n#SBATCH --wckey=\"a#b\"\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Submit_refuses_what_no_job_could_run()
    {
        string[] usual = ["submit", Study(), "--out", Output, "--array", "4", "--dry-run"];
        Assert.Contains("'1:00:00' stands alone; write options of sbatch in one word, such as --time=1:00:00", Experiment([.. usual, "--time", "1:00:00"]).Failure(2), StringComparison.Ordinal);
        Assert.Contains("needs a site", Experiment([.. usual, "--sites", ""]).Failure(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
        Run("--limit", "1").Well();
        Assert.Contains("holds another study: there \"data\" is", Experiment(usual).Failure(), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Output, "submit.sh")));
    }
}
