using System.Text.Json;

namespace PatchKernel.Tests.Circuits;

/// <summary>A tiny checkpoint's golden edges and circuits.</summary>
internal sealed class GoldenEdges
{
    public GoldenEdges(string name)
    {
        var kind = TinyCase.OfFamilies.Any(family => family.Data == name) ? "families" : "tiny";
        Facts = JsonDocument.Parse(File.ReadAllText(TestData.Golden("oracle", kind, name, "edges.json"))).RootElement;
        Arrays = new GoldenArrays(TestData.Golden("oracle", kind, name, "edges.safetensors"));
        Circuits = new GoldenArrays(TestData.Golden("oracle", kind, name, "circuits.safetensors"));
    }

    public JsonElement Facts { get; }

    public GoldenArrays Arrays { get; }

    public GoldenArrays Circuits { get; }

    public IEnumerable<string> Names(string list) => Facts.GetProperty(list).EnumerateArray().Select(name => name.GetString()!);

    public IEnumerable<Edge> Edges => Facts.GetProperty("edges").EnumerateArray().Select(edge => new Edge(edge[0].GetString()!, edge[1].GetString()!));
}
