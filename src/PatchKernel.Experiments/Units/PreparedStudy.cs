using PatchKernel.Data;
using PatchKernel.Models;
using PatchKernel.Studies;
using PatchKernel.Sweeps;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Units;

/// <summary>A study with its data in every model's tokens: all that can be wrong with it is found here, before weights are read.</summary>
internal sealed class PreparedStudy : IDisposable
{
    // Cells in a pass: enough that reading the weights and calling operations is a small part of it.
    private const int CellsPerUnit = 4096;

    /// <summary>Pairs in a unit at most, unless the study says how many.</summary>
    public const int MostPairs = 16;

    private const long UsualMemory = 1L << 30;

    private readonly Study study;
    private readonly StudyMean[] means; // of each model's tokens
    private (int Index, LanguageModel Model)? loaded;

    private PreparedStudy(Study study, IReadOnlyList<DataRow> rows, IReadOnlyList<IReadOnlyList<PromptPair>> pairs, StudyRecord record)
    {
        (this.study, Rows, Pairs, Record) = (study, rows, pairs, record);
        means = [.. pairs.Select(its => new StudyMean(study, its))];
    }

    /// <summary>Rows that are left out: those of the file that are bad, and those that a model can't read or that lack a role.</summary>
    public required IReadOnlyList<SkippedRow> Skipped { get; init; }

    /// <summary>What is odd about rows that stay, such as a target of two tokens.</summary>
    public required IReadOnlyList<RowFinding> Warnings { get; init; }

    /// <summary>The rows that every model can read.</summary>
    public IReadOnlyList<DataRow> Rows { get; }

    /// <summary>Every pair in each model's tokens.</summary>
    public IReadOnlyList<IReadOnlyList<PromptPair>> Pairs { get; }

    /// <summary>The record with which it would begin here and now.</summary>
    public StudyRecord Record { get; }

    /// <summary>Reads a study's data and its models' settings and tokenizers.</summary>
    /// <exception cref="PatchKernelException">The data or a model can't be used, or a row doesn't suit the study.</exception>
    public static PreparedStudy Of(Study study, ExperimentOptions options, CancellationToken cancel)
    {
        TorchRuntime.EnsureLoaded(); // a program's first call may be this one, and threads are asked for before a model is loaded
        var data = ExperimentData.Load(study.Data, study.Selection);
        Checkpoint[] models = [.. study.Models.Select(name => Checkpoint.Open(name, cancel: cancel))];
        try
        {
            CheckModels(study, models);
            var (rows, skipped, warnings) = (new List<DataRow>(), new List<SkippedRow>(data.Skipped), new List<RowFinding>());
            var pairs = models.Select(_ => new List<PromptPair>()).ToArray();
            var lines = new Dictionary<(string, string), int>();
            foreach (var row in data.Rows)
            {
                RowCheck[] checks = [.. models.Select(model => CheckOf(study, row, model))];
                if (checks.Select(check => check.Error).OfType<Finding>().FirstOrDefault() is { } error)
                {
                    if (!study.Selection.SkipBad) throw new PatchKernelException($"'{study.Data}', line {row.Line}: {error.Message}");
                    skipped.Add(new(row.Line, error.Message.TrimEnd('.')));
                    continue;
                }
                warnings.AddRange(checks.SelectMany(check => check.Findings).Distinct().Select(finding => new RowFinding(row, finding)));
                if (!lines.TryAdd((row.Clean, row.Corrupt), row.Line))
                    warnings.Add(new(row, new(Severity.Warning, $"It has the prompts of line {lines[(row.Clean, row.Corrupt)]}, and counts as another pair in averages and their intervals.")));
                rows.Add(row);
                foreach (var (check, its) in checks.Zip(pairs)) its.Add(check.Pair!);
            }
            if (rows.Count == 0) throw new PatchKernelException($"No row of '{study.Data}' can be used; {skipped[0]}.");
            var cells = models.Zip(pairs, (model, its) => its.Max(pair => StudyWork.Cells(study, model.Config, pair))).Max();
            return new(study, rows, pairs, new StudyRecord
            {
                Study = StudyContent.Of(study),
                Data = new(Path.GetFileName(study.Data), data.Hash, rows.Count, skipped.Count),
                Models = [.. models.Zip(pairs, (model, its) => FactsOf(study, model, its, options.Threads))],
                PairsPerUnit = study.Unit ?? (int)Math.Clamp(CellsPerUnit / cells, 1, MostPairs),
                CommandLine = options.CommandLine,
            })
            { Skipped = skipped, Warnings = warnings };
        }
        finally
        {
            foreach (var model in models) model.Dispose();
        }
    }

    /// <summary>Runs units with one of the models.</summary>
    public UnitRun Unit(int index, StudyRecord.ModelFacts facts) =>
        new(study, Model(index, facts), Pairs[index], Rows, new(study, Pairs[index], Rows, means[index], facts.Memory));

    /// <summary>A model, loaded as the study's folder has fixed it; the one before is let go.</summary>
    private LanguageModel Model(int index, StudyRecord.ModelFacts facts)
    {
        if (loaded is { } held && held.Index == index) return held.Model;
        loaded?.Model.Dispose();
        loaded = null;
        var model = LanguageModel.Load(Checkpoint.Open(study.Models[index]), study.Dtype, study.Device, Enum.Parse<Residency>(facts.Residency, ignoreCase: true));
        set_num_threads(facts.Threads);
        loaded = (index, model);
        return model;
    }

    /// <summary>Lets the model go.</summary>
    public void Dispose() => loaded?.Model.Dispose();

    /// <summary>Refuses what a study can't do with these models.</summary>
    private static void CheckModels(Study study, IReadOnlyList<Checkpoint> models)
    {
        if (models.GroupBy(model => model.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new PatchKernelException($"Two of the study's models are called {twice.Key}, and tables tell models apart by their names; rename a folder, or leave one out.");
        foreach (var model in models)
            foreach (var (site, window) in study.Sites.SelectMany(site => study.Windows, (site, window) => (site, window))) study.Options(site, window).Check(model.Config.NLayers);
    }

    /// <summary>A row in a model's tokens: whether its prompts aren't too long, and, where its pattern is patched, whether it has it at the roles.</summary>
    private static RowCheck CheckOf(Study study, DataRow row, Checkpoint model)
    {
        var check = RowCheck.Of(row, model.Tokenizer, study.Roles, model.Config.DVocab);
        var (length, most) = (check.Pair is { } pair ? Math.Max(pair.Clean.Length, pair.Corrupt.Length) : 0, model.Config.MaxPositions);
        if (length > most) return check with { Findings = [new(Severity.Error, $"A prompt has {length} tokens, and {model.Name} takes {most} at most; shorten it.")] };
        if (study.Roles is null || !study.Sites.Contains(Activation.Pattern) || check.Error is not null) return check;
        var fault = SourceFit.Fault(check.Pair!, study.Options(Activation.Pattern, 1), check.Pair!.Clean);
        return fault is null ? check : check with { Findings = [.. check.Findings, new(Severity.Error, fault)] };
    }

    private static StudyRecord.ModelFacts FactsOf(Study study, Checkpoint checkpoint, IReadOnlyList<PromptPair> pairs, int? threads)
    {
        ComputeThreads.Choose(checkpoint.Config);
        var map = DeviceMap.Choose(checkpoint.Config, ComputeDtype.Parse(study.Dtype), study.Device == "auto" ? null : study.Device, Residency.Auto);
        // Where weights are decides how the unembedding is cut, and so the last digits.
        var residency = map.Parts.Any(part => part.RunsOn.type != TorchSharp.DeviceType.CPU) ? Residency.Auto
            : map.Parts.All(part => part.Home != WeightHome.Disk) ? Residency.All : Residency.Streamed;
        var place = checkpoint.Location;
        return new(
            checkpoint.Name, place, CheckpointFacts.Commit(place), CheckpointFacts.Config(place), CheckpointFacts.Weights(place),
            string.Join(", ", map.Parts.Select(part => $"{part.RunsOn}").Distinct()), threads ?? get_num_threads(), residency.ToString().ToLowerInvariant(),
            Math.Max(UsualMemory, 2 * StudyWork.LeastMemory(study, checkpoint.Config, pairs)));
    }
}
