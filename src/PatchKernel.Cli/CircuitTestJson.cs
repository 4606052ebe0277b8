using System.Text.Json;

namespace PatchKernel.Cli;

/// <summary>What circuits were found to do, as JSON.</summary>
internal static class CircuitTestJson
{
    /// <summary>One circuit's test.</summary>
    public static string Of(CircuitTestResult result) => Text(json =>
    {
        json.WriteString("model", result.Model.Name);
        json.WriteNumber("pairs", result.Pairs);
        json.WriteNumber("edges", result.Circuit.Count);
        json.WriteString("source", result.Source);
        json.WriteString("metric", result.Metric.Name);
        json.WriteNumber("value", result.Value);
        json.WriteNumber("whole", result.Whole);
        json.WriteNumber("empty", result.Empty);
        json.WriteNumber("faithfulness", result.Faithfulness);
        if (result.Pairs > 1) Numbers(json, "faithfulness_interval", [result.FaithfulnessLower, result.FaithfulnessUpper]);
        json.WriteNumber("without_circuit", result.WithoutCircuit);
        json.WriteNumber("clean_target", result.CleanTarget);
        json.WriteNumber("corrupt_target", result.CorruptTarget);
        json.WriteStartObject("random_circuits");
        json.WriteBoolean("connected", result.RandomCircuitsAreConnected);
        Numbers(json, "faithfulness", result.RandomCircuits.Select(value => (double)value));
        json.WriteEndObject();
        json.WriteStartArray("minimality");
        foreach (var (edge, drop) in result.Minimality)
        {
            json.WriteStartObject();
            json.WriteString("sender", edge.Sender);
            json.WriteString("receiver", edge.Receiver);
            json.WriteNumber("drop", drop);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    /// <summary>Curves over circuits of growing size.</summary>
    /// <param name="curves">The scores' file, how edges were ranked, and the curve; of the same pairs and sizes. The first one has the random circuits.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="seed">Of what was drawn.</param>
    public static string Of(IReadOnlyList<(string File, string Ranking, FaithfulnessCurve Curve)> curves, string model, int seed) => Text(json =>
    {
        var first = curves[0].Curve;
        json.WriteString("model", model);
        json.WriteNumber("pairs", first.Pairs);
        json.WriteString("source", first.Source);
        json.WriteString("metric", first.Metric.Name);
        json.WriteNumber("whole", first.Whole);
        json.WriteNumber("empty", first.Empty);
        json.WriteStartArray("curves");
        foreach (var (file, ranking, curve) in curves) Write(json, file, ranking, curve);
        json.WriteEndArray();
        json.WriteStartObject("random_circuits");
        json.WriteNumber("seed", seed);
        json.WriteBoolean("connected", first.RandomCircuitsAreConnected);
        json.WriteStartArray("sizes");
        foreach (var (at, share) in first.Shares.Index())
        {
            json.WriteStartObject();
            json.WriteNumber("share", share);
            Numbers(json, "faithfulness", first.RandomCircuits.Select(draw => draw[at]));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, string file, string ranking, FaithfulnessCurve curve)
    {
        json.WriteStartObject();
        json.WriteString("file", file);
        json.WriteString("ranking", ranking);
        json.WriteNumber("cpr", curve.Cpr);
        json.WriteNumber("cmd", curve.Cmd);
        json.WriteStartArray("sizes");
        for (var at = 0; at < curve.Shares.Count; at++)
        {
            json.WriteStartObject();
            json.WriteNumber("share", curve.Shares[at]);
            json.WriteNumber("edges", curve.Circuits[at].Count);
            json.WriteNumber("faithfulness", curve.Faithfulness[at]);
            if (curve.Lower is not null) Numbers(json, "interval", [curve.Lower[at], curve.Upper![at]]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static string Text(Action<Utf8JsonWriter> content)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
