using PatchKernel.Costs;
using PatchKernel.Text;
using PatchKernel.Units;

namespace PatchKernel;

/// <content>What a study would run.</content>
public static partial class Experiment
{
    /// <summary>Reads a study's data, and its models' settings and tokenizers, and says what it would run; no weight is read.</summary>
    /// <param name="study">The study.</param>
    /// <param name="output">The folder of results that it would run in, which is checked too; null for none.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="PatchKernelException">The study, its data or a model can't be used, or the folder holds something else.</exception>
    public static ExperimentPlan Check(Study study, string? output = null, CancellationToken cancel = default)
    {
        study.Check();
        using var prepared = PreparedStudy.Of(study, new(), HostStop.Or(cancel));
        if (output is not null) StudyFolder.Check(output, prepared.Record);
        return new(prepared.Record.Data.Rows, prepared.Skipped, prepared.Warnings, prepared.Record.Units, prepared.Record.PairsPerUnit,
            [.. study.Models.Zip(prepared.Pairs, prepared.Record.Models).Select(model => PlanOf(study, model.First, model.Second, model.Third))])
        { Example = study.Roles is null ? null : ExampleOf(study.Roles, prepared.Pairs[0][0]) };
    }

    /// <summary>A pair's tokens at its roles: who counted characters wrongly sees it here.</summary>
    private static string ExampleOf(IReadOnlyList<TokenRole> roles, PromptPair pair)
    {
        return $"Roles of {pair.Name}, clean and corrupt: {string.Join("; ", roles.SelectMany(role => role.In(pair.Clean, pair.Corrupt)).Select(Place))}";

        string Place(RolePlace place) => $"{place.Role} {Tokens(pair.Clean, place.Clean)} and {Tokens(pair.Corrupt, place.Corrupt)}";

        static string Tokens(Prompt prompt, IReadOnlyList<int> positions) => Excerpt.List(positions, prompt.Label);
    }

    private static ModelPlan PlanOf(Study study, string name, IReadOnlyList<PromptPair> pairs, StudyRecord.ModelFacts facts)
    {
        var settings = ModelSettings.Load(name);
        var cells = pairs.Sum(pair => StudyWork.Cells(study, settings.Config, pair));
        var footprint = SweepCost.Of(settings, Math.Max(1, pairs.Max(pair => pair.Clean.Length)), study.Sites[0], study.Dtype);
        var weights = facts.Residency == "streamed" ? footprint.Streamed : footprint.Resident;
        return new(facts.Name, cells, cells * study.Metrics.Count, weights.Weights + weights.Process + facts.Memory, StudyWork.Flop(study, settings.Config, pairs), facts.Residency);
    }
}

/// <summary>What a study would run.</summary>
/// <param name="Pairs">Pairs that can be used.</param>
/// <param name="Skipped">Rows that are left out, and why.</param>
/// <param name="Warnings">What is odd about rows that stay.</param>
/// <param name="Units">Units, of all models.</param>
/// <param name="PairsPerUnit">Pairs in a unit.</param>
/// <param name="Models">Each model's part.</param>
public sealed partial record ExperimentPlan(int Pairs, IReadOnlyList<SkippedRow> Skipped, IReadOnlyList<RowFinding> Warnings, int Units, int PairsPerUnit, IReadOnlyList<ModelPlan> Models)
{
    /// <summary>The first pair's tokens at the roles; null where the study goes by positions.</summary>
    public string? Example { get; init; }

    /// <summary>A few lines.</summary>
    public override string ToString() => string.Join('\n',
    [
        FormattableString.Invariant($"{Excerpt.Count(Pairs, "pair")}{(Skipped.Count > 0 ? $", {Excerpt.Count(Skipped.Count, "row")} left out" : "")}, in {(Units == 1 ? "one unit" : FormattableString.Invariant($"{Units:N0} units of {PairsPerUnit}"))}"),
        .. Models.Select(model => model.ToString()),
        .. Example is null ? (string[])[] : [Example],
    ]);
}

/// <summary>What one of a study's models would run.</summary>
/// <param name="Name">The model.</param>
/// <param name="Cells">Patched runs.</param>
/// <param name="Rows">Rows of the table of results.</param>
/// <param name="Memory">Bytes that a process takes at most.</param>
/// <param name="Flop">Floating-point operations of matrix products, two a multiply-add, about.</param>
/// <param name="Residency">Where the weights would be on this machine.</param>
public sealed record ModelPlan(string Name, long Cells, long Rows, long Memory, double Flop, string Residency)
{
    /// <summary>One line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Name}: {Cells:N0} patched runs, {Rows:N0} rows, up to {ByteCount.Text(Memory)} of memory ({(Residency == "streamed" ? "weights streamed from disk" : "weights in memory")}), about {FlopCount.Text(Flop)}");
}
