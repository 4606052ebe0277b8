using PatchKernel.Units;

namespace PatchKernel.Tests.Experiments.Units;

/// <summary>A study's folder: what was begun is gone on with, and nothing else is touched.</summary>
public sealed class StudyFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Output => folder.File("out");

    private string Refusal(Study study) => Assert.Throws<PatchKernelException>(() => MiniStudy.Run(study, Output)).Message;

    private string[] Entries => [.. Directory.GetFileSystemEntries(Output, "*", SearchOption.AllDirectories).Where(File.Exists).Select(path => Path.GetRelativePath(Output, path)).Order(StringComparer.Ordinal)];

    private byte[] Table => File.ReadAllBytes(Path.Combine(Output, "results.parquet"));

    [Fact]
    public void A_study_that_is_done_is_not_run_again()
    {
        var study = MiniStudy.Of(4, unit: 2);
        Assert.True(MiniStudy.Run(study, Output).IsComplete);
        var (before, table) = (Entries, Table);
        List<ExperimentProgress> seen = [];
        Assert.True(MiniStudy.Run(study, Output, progress: new Seen(seen)).IsComplete);
        Assert.Equal(before, Entries);
        Assert.Equal(table, Table);
        Assert.DoesNotContain(seen, report => report.Message?.StartsWith("unit", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void What_is_missing_is_run_and_the_table_is_the_same()
    {
        var study = MiniStudy.Of(6, unit: 2);
        MiniStudy.Run(study, Output);
        var table = Table;
        foreach (var unit in new[] { "000000.parquet", "000002.pairs.parquet", "000002.parquet" }) File.Delete(Path.Combine(Output, "units", unit));
        File.Delete(Path.Combine(Output, "results.parquet"));
        Assert.Equal("1 of 3 units done, 0 running.", Experiment.Status(Output).ToString());
        List<ExperimentProgress> seen = [];
        Assert.True(MiniStudy.Run(study, Output, progress: new Seen(seen)).IsComplete);
        Assert.Equal(table, Table);
        var lines = seen.Where(report => report.Message is not null).ToList();
        Assert.Matches("^unit 1 of 3, mini, pairs 1 to 2: 192 rows in [0-9.]+ s$", lines[0].Message);
        Assert.Equal([2, 3], lines.Select(report => report.Done));
        Assert.Equal((true, TimeSpan.Zero), (lines[0].Left > TimeSpan.Zero, lines[1].Left));
        Assert.All(seen, report => Assert.InRange(report.OfUnit, 0, 1));
    }

    [Fact]
    public void The_cut_and_the_threads_are_those_of_the_first_start()
    {
        var study = MiniStudy.Of(4) with { Unit = null, Metrics = [Metric.TargetLogit] };
        MiniStudy.Run(study, Output, new() { EndSoon = new(true) });
        var record = Path.Combine(Output, "study.json");
        File.WriteAllText(record, File.ReadAllText(record).Replace("\"pairs_per_unit\": 16", "\"pairs_per_unit\": 3", StringComparison.Ordinal));
        Assert.Equal(2, MiniStudy.Run(study, Output).Units);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(Output, "units"), "*.pairs.parquet").Length);
    }

    [Fact]
    public void What_killed_processes_left_is_cleared_and_in_nobody_s_way()
    {
        Directory.CreateDirectory(Path.Combine(Output, "units"));
        var (old, now) = (Path.Combine(Output, ".a1b2c3d4.xyz.tmp"), Path.Combine(Output, ".now.tmp"));
        foreach (var left in new[] { old, now, Path.Combine(Output, "study.json.host-17"), Path.Combine(Output, "units", ".q.tmp") }) File.WriteAllText(left, "half");
        foreach (var left in new[] { old, Path.Combine(Output, "study.json.host-17") }) File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(-2));
        Directory.CreateDirectory(Path.Combine(Output, "slurm"));
        foreach (var script in new[] { "submit.sh", "merge.sh" }) File.WriteAllText(Path.Combine(Output, script), "#!/bin/sh\n");
        MiniStudy.Run(MiniStudy.Of(1), Output);
        Assert.Equal([".now.tmp", "merge.sh", "pairs.parquet", "results.parquet"], Entries.Where(entry => !entry.Contains('/') && entry is not ("study.json" or "submit.sh" or "summary.csv")));
        Assert.Equal(["units/000000.pairs.parquet", "units/000000.parquet"], Entries.Where(entry => entry.StartsWith("units/", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFiles(Path.Combine(Output, "claims")));
    }

    [Fact]
    public void Another_study_s_folder_is_refused_with_what_differs()
    {
        var study = MiniStudy.Of(2);
        MiniStudy.Run(study, Output);
        var before = Entries;
        Assert.Equal(
            $"'{Output}' holds another study: there \"seed\" is 0, and here 1; give a new folder, or the study that it was begun with.", Refusal(study with { Seed = 1 }));
        Assert.Contains("there \"sites\" is [\"resid_post\"], and here [\"z\"]", Refusal(study with { Sites = [Activation.Z] }), StringComparison.Ordinal);
        Assert.Contains("there \"data\" is {\"limit\":2", Refusal(MiniStudy.Of(3)), StringComparison.Ordinal);
        Assert.Contains("\"skip\":1}", Refusal(study with { Selection = study.Selection with { Skip = 1 } }), StringComparison.Ordinal);
        var data = folder.File("d.jsonl");
        File.WriteAllText(data, File.ReadAllText(MiniStudy.Pairs) + "\n");
        Assert.Contains("the data file has changed since, or is another: its hash was ", Refusal(study with { Data = data }), StringComparison.Ordinal);
        Assert.Equal(before, Entries);
    }

    [Fact]
    public void A_model_whose_files_have_changed_is_another_one()
    {
        var model = folder.File("mini");
        Directory.CreateDirectory(model);
        foreach (var file in Directory.GetFiles(MiniStudy.Model)) File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        var study = MiniStudy.Of(1) with { Models = [model] };
        MiniStudy.Run(study, Output);
        foreach (var name in new[] { "config.json", "tokenizer.json" })
        {
            File.AppendAllText(Path.Combine(model, name), "\n");
            Assert.Contains("the model mini has other files now than it had", Refusal(study), StringComparison.Ordinal);
            File.Copy(Path.Combine(MiniStudy.Model, name), Path.Combine(model, name), overwrite: true);
        }
        Assert.True(MiniStudy.Run(study, Output).IsComplete);
    }

    [Fact]
    public void A_folder_with_other_files_is_left_alone()
    {
        Directory.CreateDirectory(Output);
        File.WriteAllText(Path.Combine(Output, "thesis.tex"), "");
        Assert.Equal($"'{Output}' has other files and holds no study; give a new folder, so that nothing is mixed.", Refusal(MiniStudy.Of(1)));
        Assert.Equal(["thesis.tex"], Entries);
        Assert.Contains("holds no study: it has no study.json", Assert.Throws<PatchKernelException>(() => Experiment.Status(Output)).Message, StringComparison.Ordinal);
        Assert.Contains("holds no study", Assert.Throws<PatchKernelException>(() => Experiment.Merge(folder.File("nowhere"))).Message, StringComparison.Ordinal);
        Directory.Delete(Output, recursive: true);
        File.WriteAllText(Output, "a file");
        Assert.Equal($"The folder '{Output}' can't be made: it is a file; give another one.", Refusal(MiniStudy.Of(1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void A_folder_without_a_name_is_not_the_current_one(string path)
    {
        foreach (var act in (Action[])[() => MiniStudy.Run(MiniStudy.Of(1), path), () => Experiment.Merge(path), () => Experiment.Status(path), () => Experiment.Check(MiniStudy.Of(1), path)])
            Assert.Equal("There is no folder for the study: the path is empty; give one.", Assert.Throws<PatchKernelException>(act).Message);
    }

    [Fact]
    public void A_broken_or_newer_record_is_said()
    {
        MiniStudy.Run(MiniStudy.Of(1), Output);
        var record = Path.Combine(Output, "study.json");
        var text = File.ReadAllText(record);
        foreach (var (broken, message) in new[]
        {
            (text[..(text.Length / 2)], "isn't valid JSON"), ("{}", "is no record of a study"), (text.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal), "version 2 is newer"),
            (text.Replace("\"models\": [", "\"models\": 3, \"x\": [", StringComparison.Ordinal), "is broken"),
            (text.Replace("\"study\": {", "\"study\": null, \"x\": {", StringComparison.Ordinal), "is broken"),
            (text.Replace("\"hash\": \"", "\"hash\": \"a", StringComparison.Ordinal), "is broken: $.record.data.hash isn't what belongs there; put the file back as it was, or begin anew in another folder."),
            (text.Replace("\"denoising\"", "\"\\ud800\"", StringComparison.Ordinal), "it has a text that isn't valid Unicode"),
        })
        {
            File.WriteAllText(record, broken);
            Assert.Contains(message, Refusal(MiniStudy.Of(1)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_record_has_all_that_decides_a_number()
    {
        MiniStudy.Run(MiniStudy.Of(2) with { Seed = 5 }, Output, new() { CommandLine = "experiment run a.json" });
        var record = StudyFolder.Open(Output).Record;
        Assert.Equal((5, "float32", "cpu", "experiment run a.json"), ((int)record.Study["seed"]!, (string?)record.Study["dtype"], record.Models[0].Device, record.CommandLine));
        Assert.Equal((64, 64, 64), (record.Data.Hash.Length, record.Models[0].Config.Length, record.Models[0].Weights.Length));
        Assert.Equal((2, 0, 1, "mini-pairs.jsonl"), (record.Data.Rows, record.Data.Skipped, record.Models[0].Threads, record.Data.File));
        Assert.True(record.Program.Length > 0 && record.Torch.Length > 0);
        Assert.DoesNotContain(Environment.MachineName + "-", File.ReadAllText(Path.Combine(Output, "study.json")), StringComparison.Ordinal);
        var note = Assert.Single(Directory.GetFiles(Path.Combine(Output, "runs")));
        Assert.Contains("\"finished\":", File.ReadAllText(note), StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_with_units_missing_lists_them_and_writes_nothing()
    {
        var study = MiniStudy.Of(4, unit: 1);
        Assert.Equal([1, 3], MiniStudy.Run(study, Output, new() { Shard = new(0, 2) }).Missing);
        var refusal = Assert.Throws<PatchKernelException>(() => Experiment.Merge(Output)).Message;
        Assert.Equal("No table was written: of 4 units 2 are missing (2, 4); run the study again, which runs only those.", refusal);
        Assert.DoesNotContain("results.parquet", Entries);
        MiniStudy.Run(study, Output, new() { Shard = new(1, 2) });
        Assert.DoesNotContain("results.parquet", Entries); // who has a share leaves the tables to the merge
        Experiment.Merge(Output);
        var (whole, _) = MiniStudy.RowsOf(study);
        Assert.Equal(whole, MiniStudy.Results(Output));
    }

    [Fact]
    public void Asked_to_end_a_run_finishes_the_unit_at_hand_and_stopped_it_gives_it_back()
    {
        var study = MiniStudy.Of(6, unit: 2);
        using var soon = new CancellationTokenSource();
        var status = MiniStudy.Run(study, Output, new() { EndSoon = soon.Token }, new Call(report => { if (report.OfUnit > 0) soon.Cancel(); }));
        Assert.Equal((1, 0, "1 2"), (status.Done, status.Claimed.Count, string.Join(' ', status.Missing)));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => MiniStudy.Run(study, Output, progress: new Call(report => { if (report.OfUnit > 0) stop.Cancel(); }), cancel: stop.Token));
        Assert.Equal("1 of 3 units done, 0 running.", Experiment.Status(Output).ToString());
        Assert.True(MiniStudy.Run(study, Output).IsComplete);
    }

    [Fact]
    public void A_unit_whose_check_fails_or_whose_claim_was_lost_is_not_published()
    {
        var study = MiniStudy.Of(2, unit: 2);
        var claims = folder.File("out/claims");
        using var soon = new CancellationTokenSource();
        // Another process, which thought this one dead, has made the next claim; it never finishes here.
        var status = MiniStudy.Run(study, Output, new() { EndSoon = soon.Token }, new Call(report =>
        {
            if (report.OfUnit <= 0 || File.Exists(Path.Combine(claims, "000000.2"))) return;
            File.WriteAllBytes(Path.Combine(claims, "000000.2"), (ClaimOwner.Self with { Machine = "elsewhere" }).ToJson());
            soon.Cancel();
        }));
        Assert.Equal((0, 1), (status.Done, status.Claimed.Count));
        Assert.Empty(Directory.GetFiles(Path.Combine(Output, "units")));
    }

    [Fact]
    public void Rows_that_are_left_out_are_counted_in_the_folder()
    {
        var data = folder.File("d.jsonl");
        File.WriteAllLines(data, [.. File.ReadLines(MiniStudy.Pairs).Take(2), "{ \"clean\": 3 }"]);
        List<ExperimentProgress> seen = [];
        MiniStudy.Run(MiniStudy.Of(9) with { Data = data, Selection = new() { SkipBad = true } }, Output, progress: new Seen(seen));
        Assert.Contains(seen, report => report.Message == "1 row left out: 'experiment check' lists them");
        Assert.Equal((2, 1), (StudyFolder.Open(Output).Record.Data.Rows, StudyFolder.Open(Output).Record.Data.Skipped));
    }

    private sealed class Seen(List<ExperimentProgress> reports) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value) => reports.Add(value);
    }

    private sealed class Call(Action<ExperimentProgress> act) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value) => act(value);
    }
}
