using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PatchKernel.Sweeps;

/// <summary>Result files: a <see cref="SweepResult"/> as JSON, version 2, every float exact.</summary>
internal static class SweepFile
{
    public const string Format = "patchkernel/sweep";
    public const int Version = 2;

    // Tokens of every script stay readable; the file is JSON alone, never part of a page.
    private static readonly JsonWriterOptions Flat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Options = Flat with { Indented = true, NewLine = "\n" };

    /// <summary>The result as UTF-8 JSON.</summary>
    /// <exception cref="PatchKernelException">A number is infinite or not a number, which JSON can't hold.</exception>
    public static byte[] Write(SweepResult result)
    {
        RefuseNonFinite(result);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            WriteModel(json, result.Model);
            json.WriteString("pair", result.Pair.Name);
            json.WriteString("site", result.Site?.Name());
            if (result.Intervention is { } intervention) json.WriteString("intervention", intervention);
            if (result.CellsRun is { } run) json.WriteNumber("cells_run", run);
            json.WriteString("direction", NameOf(result.Direction));
            WriteMetrics(json, result);
            json.WriteString("method", result.Method);
            WritePrompt(json, "clean", result.Pair.Clean);
            WritePrompt(json, "corrupt", result.Pair.Corrupt);
            json.WriteStartObject("targets");
            WriteTargets(json, "clean", result.Pair.CleanTargets);
            WriteTargets(json, "corrupt", result.Pair.CorruptTargets);
            json.WriteEndObject();
            json.WriteStartObject("runs");
            WriteRun(json, "clean", result.CleanRun);
            WriteRun(json, "corrupt", result.CorruptRun);
            json.WriteEndObject();
            WriteFlat(json, "axes", result.Axes, (flat, axis) => flat.WriteStringValue(axis));
            WriteFlat(json, "shape", result.Shape, (flat, size) => flat.WriteNumberValue(size));
            json.WriteStartObject("values");
            foreach (var (name, values) in result.Values)
                WriteFlat(json, name, values, (flat, value) => flat.WriteNumberValue(value));
            json.WriteEndObject();
            json.WriteNumber("window", result.Window);
            json.WriteString("source", result.Source);
            if (result.Noise is { } noise) WriteNoise(json, noise);
            if (result.Verified is { } verified) WriteVerification(json, verified);
            json.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>The direction's name in files, charts and options.</summary>
    public static string NameOf(Direction direction) => direction == Direction.Denoising ? "denoising" : "noising";

    /// <summary>The side's name in files.</summary>
    public static string NameOf(CleanIs side) => side.ToString().ToLowerInvariant();

    private static void WriteModel(Utf8JsonWriter json, ModelSummary model)
    {
        json.WriteStartObject("model");
        json.WriteString("name", model.Name);
        json.WriteNumber("layers", model.Layers);
        json.WriteNumber("heads", model.Heads);
        json.WriteString("dtype", model.Dtype);
        json.WriteEndObject();
    }

    private static void WritePrompt(Utf8JsonWriter json, string name, Prompt prompt)
    {
        json.WriteStartObject(name);
        json.WriteString("text", prompt.Text);
        WriteFlat(json, "ids", prompt.Ids, (flat, id) => flat.WriteNumberValue(id));
        if (prompt.Tokens is null) json.WriteNull("tokens");
        else WriteFlat(json, "tokens", prompt.Tokens, (flat, token) => flat.WriteStringValue(token));
        json.WriteEndObject();
    }

    // The first is drawn; each with both unpatched runs' numbers, as far as JSON can hold them.
    private static void WriteMetrics(Utf8JsonWriter json, SweepResult result) => WriteFlat(json, "metrics", result.Metrics, (flat, metric) =>
    {
        flat.WriteStartObject();
        flat.WriteString("name", metric.Name);
        flat.WriteString("description", metric.Description);
        flat.WriteString("unit", metric.Unit);
        flat.WriteString("clean_is", NameOf(metric.CleanIs));
        foreach (var (name, run) in new[] { ("clean", result.CleanRun), ("corrupt", result.CorruptRun) })
            if (run.Values.TryGetValue(metric.Name, out var value) && float.IsFinite(value)) flat.WriteNumber(name, value);
        flat.WriteEndObject();
    });

    // One answer is an object, several are an array of them.
    private static void WriteTargets(Utf8JsonWriter json, string name, IReadOnlyList<Target> targets)
    {
        if (targets is [var only])
        {
            json.WritePropertyName(name);
            WriteTarget(json, only);
        }
        else WriteFlat(json, name, targets, WriteTarget);
    }

    private static void WriteTarget(Utf8JsonWriter json, Target target)
    {
        json.WriteStartObject();
        json.WriteNumber("id", target.Id);
        json.WriteString("text", target.Text);
        if (target.Answer is { } answer) json.WriteString("answer", answer);
        if (target.Ids.Count > 1) WriteFlat(json, "ids", target.Ids, (flat, id) => flat.WriteNumberValue(id));
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, string name, RunSummary run)
    {
        json.WriteStartObject(name);
        json.WriteNumber("clean_target", run.CleanTarget);
        json.WriteNumber("corrupt_target", run.CorruptTarget);
        if (run.LogSumExp is { } sum) json.WriteNumber("log_sum_exp", sum);
        WriteFlat(json, "best", run.Best, (flat, token) =>
        {
            flat.WriteStartObject();
            flat.WriteNumber("id", token.Id);
            flat.WriteString("text", token.Text);
            flat.WriteNumber("logit", token.Logit);
            flat.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WriteNoise(Utf8JsonWriter json, PatchSource.Noise noise)
    {
        json.WriteStartObject("noise");
        json.WriteNumber("standard_deviation", noise.StandardDeviation);
        json.WriteNumber("samples", noise.Samples);
        json.WriteNumber("seed", noise.Seed);
        WriteFlat(json, "positions", noise.Positions ?? [], (flat, pos) => flat.WriteNumberValue(pos));
        json.WriteEndObject();
    }

    private static void WriteVerification(Utf8JsonWriter json, Verification verified)
    {
        json.WriteStartObject("verified");
        json.WriteNumber("cells", verified.Cells);
        json.WriteNumber("largest_deviation", verified.LargestDeviation);
        if (verified.LargestShare is { } share) json.WriteNumber("largest_share", share);
        if (verified.AllowedShare is { } allowed) json.WriteNumber("allowed_share", allowed);
        json.WriteEndObject();
    }

    // One line an array: thousands of numbers on lines of their own would bury the rest.
    private static void WriteFlat<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var flat = new Utf8JsonWriter(buffer, Flat))
        {
            flat.WriteStartArray();
            foreach (var item in items) write(flat, item);
            flat.WriteEndArray();
        }
        json.WritePropertyName(name);
        json.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
    }

    private static void RefuseNonFinite(SweepResult result)
    {
        const string sorry = "infinite or not a number, so the result can't be saved; compute in float32, or check the weights.";
        foreach (var (name, values) in result.Values)
        {
            var bad = values.Count(value => !float.IsFinite(value));
            if (bad > 0) throw new PatchKernelException($"{bad} of {values.Length} values of {name} are {sorry}");
        }
        foreach (var (name, run) in new[] { ("clean", result.CleanRun), ("corrupt", result.CorruptRun) })
        {
            IEnumerable<float> logits = [run.CleanTarget, run.CorruptTarget, .. run.Best.Select(token => token.Logit)];
            if (!logits.All(float.IsFinite)) throw new PatchKernelException($"The {name} run's logits are {sorry}");
        }
    }
}
