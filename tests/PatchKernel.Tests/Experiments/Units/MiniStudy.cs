namespace PatchKernel.Tests.Experiments.Units;

/// <summary>Studies of the mini model, and what they wrote.</summary>
internal static class MiniStudy
{
    /// <summary>The mini model.</summary>
    public static string Model { get; } = TestData.InRepository("models", "mini");

    /// <summary>Two hundred pairs for it.</summary>
    public static string Pairs { get; } = TestData.InRepository("data", "mini-pairs.jsonl");

    /// <summary>A few pairs by two roles.</summary>
    public static Study Of(int pairs, int unit = 3) => new()
    {
        Models = [Model],
        Data = Pairs,
        Selection = new() { Limit = pairs },
        Roles = TokenRole.ParseAll("subject.last,last"),
        Device = "cpu",
        Unit = unit,
    };

    /// <summary>Runs a study on one thread.</summary>
    public static ExperimentStatus Run(Study study, string output, ExperimentOptions? options = null, IProgress<ExperimentProgress>? progress = null, CancellationToken cancel = default) =>
        Experiment.Run(study, output, (options ?? new()) with { Threads = 1 }, progress, cancel);

    /// <summary>The rows that a study's folder has.</summary>
    public static IReadOnlyList<ResultRow> Results(string output) => [.. ResultTable.Load(Path.Combine(output, "results.parquet")).Rows];

    /// <summary>Its pairs.</summary>
    public static IReadOnlyList<PairRow> PairRows(string output) => PairTable.Load(Path.Combine(output, "pairs.parquet")).Rows;

    /// <summary>All of a row but its numbers.</summary>
    public static ResultRow Place(ResultRow row) => row with { Value = 0, Score = null };

    /// <summary>Fails unless two tables have the same rows, and numbers within a tolerance.</summary>
    public static void Near(IReadOnlyList<ResultRow> expected, IReadOnlyList<ResultRow> actual, float tolerance)
    {
        Assert.Equal(expected.Select(Place), actual.Select(Place));
        PatchKernel.Tests.Near.Equal([.. expected.Select(row => row.Value)], [.. actual.Select(row => row.Value)], tolerance, "values");
    }

    /// <summary>Runs a study in a folder of its own, and reads its rows.</summary>
    public static (IReadOnlyList<ResultRow> Results, IReadOnlyList<PairRow> Pairs) RowsOf(Study study)
    {
        using var folder = new TemporaryFolder();
        Assert.True(Run(study, folder.Path).IsComplete);
        return (Results(folder.Path), PairRows(folder.Path));
    }
}
