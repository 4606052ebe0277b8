using System.Text.Json;

namespace PatchKernel.Tests.Circuits;

/// <summary>What EAP-IG's own code wrote for two of the tiny checkpoints.</summary>
internal static class EapIgFiles
{
    /// <summary>The checkpoints.</summary>
    public static TheoryData<string> Checkpoints { get; } = ["gpt2", "llama2-mha-untied"];

    public static string Path(string name, string file) => TestData.Golden("oracle", "eapig", name, $"{file}.json");

    public static JsonElement Read(string name, string file) => JsonDocument.Parse(File.ReadAllText(Path(name, file))).RootElement;

    /// <summary>A graph's scores by EAP-IG's names of edges, as its file has them.</summary>
    public static Dictionary<string, float> Scores(string name, string file) =>
        Read(name, file).GetProperty("edges").EnumerateObject().ToDictionary(edge => edge.Name, edge => edge.Value.GetProperty("score").GetSingle());

    /// <summary>An edge as EAP-IG calls it, with code of its own; neither checkpoint has grouped queries.</summary>
    public static string NameOf(Edge edge)
    {
        return $"{Node(edge.Sender)}->{Node(edge.Receiver)}";

        static string Node(string name) => name.Split('.') switch
        {
            ["embed"] => "input",
            ["logits"] => "logits",
            [var layer, "mlp"] => $"m{layer[1..]}",
            [var layer, "head", var head] => $"a{layer[1..]}.h{head}",
            [var layer, var kind, var head] => $"a{layer[1..]}.h{head}<{kind}>",
            _ => throw new ArgumentException(name),
        };
    }
}
