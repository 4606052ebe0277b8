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
        Numbers(json, "random_circuits", result.RandomCircuits.Select(value => (double)value));
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

    /// <summary>A curve over circuits of growing size.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="ranking">How edges were ranked.</param>
    public static string Of(FaithfulnessCurve curve, string model, string ranking) => Text(json =>
    {
        json.WriteString("model", model);
        json.WriteNumber("pairs", curve.Pairs);
        json.WriteString("ranking", ranking);
        json.WriteString("source", curve.Source);
        json.WriteString("metric", curve.Metric.Name);
        json.WriteNumber("whole", curve.Whole);
        json.WriteNumber("empty", curve.Empty);
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
            Numbers(json, "random", curve.Random.Select(draw => draw[at]));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

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
