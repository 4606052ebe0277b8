using PatchKernel.Models;
using PatchKernel.Studies;
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

    private PreparedStudy(Study study, StudyRows data, StudyRecord record)
    {
        (this.study, Data, Record) = (study, data, record);
        means = [.. data.Pairs.Select(pairs => new StudyMean(study, pairs))];
    }

    /// <summary>Its rows in the models' tokens.</summary>
    public StudyRows Data { get; }

    /// <summary>The record of a study that begins here and now.</summary>
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
            var rows = StudyRows.Of(study, data, models);
            var cells = models.Zip(rows.Pairs, (model, pairs) => pairs.Max(pair => StudyWork.Cells(study, model.Config, pair))).Max();
            return new(study, rows, new StudyRecord
            {
                Study = StudyContent.Of(study),
                Data = new(Path.GetFileName(study.Data), data.Hash, rows.Rows.Count, rows.Skipped.Count),
                Models = [.. models.Zip(rows.Pairs, (model, pairs) => FactsOf(study, model, pairs, options.Threads))],
                PairsPerUnit = study.Unit ?? (int)Math.Clamp(CellsPerUnit / cells, 1, MostPairs),
                CommandLine = options.CommandLine,
            });
        }
        finally
        {
            foreach (var model in models) model.Dispose();
        }
    }

    /// <summary>Runs units with one of the models.</summary>
    public UnitRun Unit(int index, StudyRecord.ModelFacts facts) =>
        new(study, Model(index, facts), Data.Pairs[index], Data.Rows, new(study, Data.Pairs[index], Data.Rows, means[index], facts.Memory));

    /// <summary>A model, loaded as the study's folder has fixed it; the one before is freed.</summary>
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

    /// <summary>Frees the model.</summary>
    public void Dispose() => loaded?.Model.Dispose();

    /// <summary>Refuses what a study can't do with these models.</summary>
    private static void CheckModels(Study study, IReadOnlyList<Checkpoint> models)
    {
        if (models.GroupBy(model => model.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new PatchKernelException($"Two of the study's models are called {twice.Key}, and tables tell models apart by their names; rename a folder, or leave one out.");
        foreach (var model in models)
            foreach (var (site, window) in study.Sites.SelectMany(site => study.Windows, (site, window) => (site, window))) study.Options(site, window).Check(model.Config.NLayers);
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
