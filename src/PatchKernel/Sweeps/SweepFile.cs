using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PatchKernel.Metrics;

namespace PatchKernel.Sweeps;

/// <summary>Result files: a <see cref="SweepResult"/> as JSON, version 2, every float exact.</summary>
internal static class SweepFile
{
    public const string Format = "patchkernel/sweep";
    public const int Version = 2;

    // What is null isn't written, but for these, which every file has.
    private static readonly string[] MayBeNull = ["pair", "site", "text", "tokens"];

    // Tokens of every script stay readable; the file is JSON alone, never part of a page.
    private static readonly JsonSerializerOptions Flat = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutNull } },
    };
    private static readonly JsonSerializerOptions Options = new(Flat) { WriteIndented = true, NewLine = "\n", Converters = { new FlatArrays() } };

    /// <summary>The result as UTF-8 JSON.</summary>
    /// <exception cref="PatchKernelException">A number is infinite or not a number, which JSON can't hold.</exception>
    public static byte[] Write(SweepResult result)
    {
        RefuseNonFinite(result);
        return [.. JsonSerializer.SerializeToUtf8Bytes(Content(result), Options), (byte)'\n'];
    }

    /// <summary>The direction's name in files, charts and options.</summary>
    public static string NameOf(Direction direction) => direction == Direction.Denoising ? "denoising" : "noising";

    /// <summary>The side's name in files.</summary>
    public static string NameOf(CleanIs side) => side.ToString().ToLowerInvariant();

    // Keys in their order in the file; a list is an array, which stands on one line.
    private static object Content(SweepResult result) => new
    {
        Format,
        Version,
        Model = new { result.Model.Name, result.Model.Layers, result.Model.Heads, result.Model.Dtype },
        Pair = result.Pair.Name,
        Site = result.Site?.Name(),
        result.Intervention,
        result.CellsRun,
        Direction = NameOf(result.Direction),
        // The first is drawn; each with both unpatched runs' numbers, as far as JSON can hold them.
        Metrics = result.Metrics.Select(metric => new
        {
            metric.Name,
            metric.Description,
            metric.Unit,
            CleanIs = NameOf(metric.CleanIs),
            Clean = Finite(result.CleanRun, metric),
            Corrupt = Finite(result.CorruptRun, metric),
        }).ToArray(),
        result.Method,
        result.Conventions,
        Clean = Content(result.Pair.Clean),
        Corrupt = Content(result.Pair.Corrupt),
        Targets = new { Clean = Content(result.Pair.CleanTargets), Corrupt = Content(result.Pair.CorruptTargets) },
        Runs = new { Clean = Content(result.CleanRun), Corrupt = Content(result.CorruptRun) },
        Axes = result.Axes.ToArray(),
        Shape = result.Shape.ToArray(),
        Places = SweepFilePlaces.Content(result.Places),
        result.Values,
        result.Window,
        result.Source,
        Noise = result.Noise is { } noise
            ? new { noise.StandardDeviation, noise.Samples, noise.Seed, Positions = noise.Positions?.ToArray() ?? [] } : null,
        Verified = result.Verified is { } verified
            ? new { verified.Cells, verified.LargestDeviation, verified.LargestShare, verified.AllowedShare } : null,
        Checked = SweepFileChecked.Content(result),
    };

    private static object Content(Prompt prompt) => new { prompt.Text, Ids = prompt.Ids.ToArray(), Tokens = prompt.Tokens?.ToArray(), Spans = SweepFilePlaces.Content(prompt.Spans) };

    // One answer is an object, several are an array of them.
    private static object Content(IReadOnlyList<Target> targets) => targets is [var only] ? Content(only) : targets.Select(Content).ToArray();

    private static object Content(Target target) => new { target.Id, target.Text, target.Answer, Ids = target.Ids.Count > 1 ? target.Ids.ToArray() : null };

    private static object Content(RunSummary run) => new
    {
        run.CleanTarget,
        run.CorruptTarget,
        run.LogSumExp,
        Best = run.Best.Select(token => new { token.Id, token.Text, token.Logit }).ToArray(),
    };

    private static float? Finite(RunSummary run, Metric metric) => run.Values.TryGetValue(metric.Name, out var value) && float.IsFinite(value) ? value : null;

    private static void LeaveOutNull(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (!MayBeNull.Contains(property.Name)) property.ShouldSerialize = (_, value) => value is not null;
    }

    private static void RefuseNonFinite(SweepResult result)
    {
        const string sorry = "infinite or not a number, so the result can't be saved; ";
        const string advice = "compute in float32, or check the weights.";
        foreach (var (name, values) in result.Values)
        {
            var bad = values.Count(value => !float.IsFinite(value));
            if (bad > 0) throw new PatchKernelException($"{bad} of {values.Length} values of {name} are {sorry}{(name is ValueNames.CleanTarget or ValueNames.CorruptTarget ? advice : "see what the metric computes.")}");
        }
        foreach (var (name, run) in new[] { ("clean", result.CleanRun), ("corrupt", result.CorruptRun) })
        {
            IEnumerable<float> logits = [run.CleanTarget, run.CorruptTarget, .. run.Best.Select(token => token.Logit)];
            if (!logits.All(float.IsFinite)) throw new PatchKernelException($"The {name} run's logits are {sorry}{advice}");
        }
    }

    /// <summary>One line an array: thousands of numbers on lines of their own would bury the rest.</summary>
    private sealed class FlatArrays : JsonConverter<object>
    {
        public override bool CanConvert(Type type) => type.IsArray;

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) =>
            writer.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(value, Flat), skipInputValidation: true);

        public override object Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
