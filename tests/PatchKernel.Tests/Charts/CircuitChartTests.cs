using System.Text.Json;
using PatchKernel.Charts;
using PatchKernel.Models;

namespace PatchKernel.Tests;

/// <summary>A circuit's graph: what is drawn of it, where, and how.</summary>
public sealed class CircuitChartTests
{
    private static readonly EdgeGraph Mini = SampleCircuits.Mini;

    public static TheoryData<string> Shapes => [.. Graphs.Keys];

    private static readonly Dictionary<string, EdgeGraph> Graphs = new()
    {
        ["mini"] = SampleCircuits.Mini,
        ["a key and a value for each head"] = SampleCircuits.GraphOf(6, 8, 8),
        ["one key and value for all heads"] = SampleCircuits.GraphOf(4, 5, 1),
        ["groups of three"] = SampleCircuits.GraphOf(5, 6, 2),
        ["parallel"] = new(RandomModel.Config with { NLayers = 4, Parts = new PartList { Parallel = true } }),
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Every_edge_of_a_model_goes_upwards_from_its_sender_to_its_receiver(string shape)
    {
        var graph = Graphs[shape];
        var panel = PanelOf(graph, [.. graph.Edges.Select(edge => new ScoredEdge(edge, 1))]);
        var places = panel.Boxes.Concat(panel.Inputs).ToDictionary(box => box.Name, box => (box.X, box.Y));
        Assert.Equal(graph.Senders.Concat(graph.Receivers).Distinct().Order(), places.Keys.Order());
        foreach (var (edge, _, path) in panel.Edges)
        {
            Assert.Equal(places[edge.Edge.Sender], path[0], NearPlace);
            Assert.Equal(places[edge.Edge.Receiver], path[^1], NearPlace);
            Assert.All(path.Zip(path.Skip(1)), step => Assert.True(step.First.Y < step.Second.Y, $"{edge.Edge}"));
            Assert.All(path, point => Assert.InRange(point.X, panel.Across.Range.Low, panel.Across.Range.High));
        }
        Assert.Equal(panel.Boxes.Count, panel.Boxes.Select(box => (box.X, box.Y)).Distinct().Count());
    }

    [Fact]
    public void Heads_stand_from_left_to_right_the_mlp_after_them_and_layers_one_above_another()
    {
        var boxes = PanelOf(Mini, [.. Mini.Edges.Select(edge => new ScoredEdge(edge, 1))]).Boxes.ToDictionary(box => box.Name);
        for (var layer = 0; layer < 8; layer++)
        {
            GraphBox[] row = [.. Enumerable.Range(0, 4).Select(head => boxes[$"L{layer}.head.{head}"]), boxes[$"L{layer}.mlp"]];
            Assert.All(row.Zip(row.Skip(1)), pair => Assert.True(pair.First.X < pair.Second.X));
            Assert.Single(row.SkipLast(1).Select(box => box.Y).Distinct());
            Assert.True(row[0].Y < row[^1].Y, "the MLP sees the heads");
            if (layer > 0) Assert.True(row[0].Y > boxes[$"L{layer - 1}.mlp"].Y);
        }
        Assert.Equal(boxes["embed"], boxes.Values.MinBy(box => box.Y));
        Assert.Equal(boxes["logits"], boxes.Values.MaxBy(box => box.Y));
    }

    [Fact]
    public void Only_what_an_edge_touches_is_drawn()
    {
        var panel = PanelOf(Mini, Scored(("embed", "L2.q.3", 1), ("L2.head.3", "logits", -0.5f), ("L0.mlp", "L2.k.1", 0.1f)));
        Assert.Equal(["embed", "L0.mlp", "L2.h3", "logits"], panel.Boxes.Select(box => box.Labels[0]));
        Assert.Equal(["L2.q.3: q", "L2.k.1: k1"], panel.Inputs.Select(input => $"{input.Name}: {input.Labels[0]}"));
        // Heads 2 and 3 share key 1, and head 2 isn't there.
        Assert.Equal(["L2.q.3 L2.head.3", "L2.k.1 L2.head.3"], panel.Links.Select(link => $"{link.From.Name} {link.To.Name}"));
        Assert.Equal("edges in: 2, out: 1", panel.Boxes[2].Note);
        Assert.Equal(["0", "2"], panel.Upwards.Ticks.Select(tick => tick.Label));
        Assert.Equal(["2", "3", "mlp"], panel.Across.Ticks.Select(tick => tick.Label));
    }

    [Fact]
    public void The_figure_has_a_line_an_edge_as_wide_as_its_score_with_the_strongest_on_top()
    {
        var edges = Scored(("embed", "L2.q.3", 1), ("L2.head.3", "logits", -0.5f), ("L0.mlp", "L2.k.1", 0.1f));
        var data = JsonElement.Parse(CircuitChart.Draw(Mini, edges).ToFigureJson()).GetProperty("data").EnumerateArray()
            .Where(trace => trace.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Array).ToArray();
        Assert.Equal(["L0.mlp → L2.k.1", "L2.head.3 → logits", "embed → L2.q.3"], data.Select(trace => trace.GetProperty("name").GetString()));
        Assert.Equal([0.1f, -0.5f, 1], data.Select(trace => trace.GetProperty("meta")[0].GetSingle()));
        Assert.Equal([1.88, 4.6, 8], data.Select(trace => trace.GetProperty("line").GetProperty("width").GetDouble()));
        Assert.Equal([null, "dash", null], data.Select(trace => trace.GetProperty("line").TryGetProperty("dash", out var dash) ? dash.GetString() : null));
        Assert.Equal(["#7570b3", "#d95f02", "#7570b3"], data.Select(trace => trace.GetProperty("line").GetProperty("color").GetString()));
    }

    [Fact]
    public void The_caption_counts_and_the_strongest_are_drawn_of_too_many()
    {
        var edges = Scored(("embed", "L2.q.3", 1), ("L2.head.3", "logits", -0.5f), ("L0.mlp", "L2.k.1", 0.1f));
        var chart = CircuitChart.Draw(Mini, edges, new() { Most = 2, Title = "Mine", Caption = ["mini, eap"] });
        Assert.Equal("Mine", chart.Title);
        Assert.Equal(
            [
                "mini, eap", "3 of 1,405 edges; the 2 strongest are drawn", "Edges go upwards, the wider the larger the score; 1 positive (purple), 1 negative (orange, dashed)",
                "Data range: min=-0.5000, max=1.0000",
            ],
            chart.Caption);
        Assert.DoesNotContain("L0.mlp", chart.ToFigureJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused_in_one_sentence()
    {
        Assert.Equal("This circuit has no edges, so there is nothing to draw; take more edges, or a lower threshold.", Refusal());
        Assert.Equal("The edge embed → logits is there twice; give each edge once.", Refusal(("embed", "logits", 1), ("embed", "logits", 2)));
        Assert.Equal("The score of embed → logits is not a number; leave the edge out, or give a number.", Refusal(("embed", "logits", float.NaN)));
        Assert.StartsWith("There is no sender 'L9.head.0'; ", Refusal(("L9.head.0", "logits", 1)), StringComparison.Ordinal);

        static string Refusal(params (string, string, float)[] edges) => Assert.Throws<PatchKernelException>(() => CircuitChart.Draw(Mini, Scored(edges))).Message;
    }

    [Fact]
    public void Edges_whose_scores_are_all_zero_are_thin() =>
        Assert.Equal(0, Assert.Single(PanelOf(Mini, Scored(("embed", "logits", 0))).Edges).Strength);

    [Theory]
    [InlineData(1300, "L11.h11")]
    [InlineData(450, "h11")]
    [InlineData(260, "11")]
    [InlineData(60, "")]
    public void Labels_are_as_long_as_they_have_room(double width, string label)
    {
        var panel = PanelOf(SampleCircuits.Small, [.. SampleCircuits.Small.Edges.Where(edge => edge.Receiver == "logits").Select(edge => new ScoredEdge(edge, 1))]);
        Assert.Equal(label, panel.Letters(width, panel.Height).LabelOf(panel.Boxes.Single(box => box.Name == "L11.head.11")));
    }

    private static GraphPanel PanelOf(EdgeGraph graph, ScoredEdge[] edges) => new CircuitLayout(graph, edges).Panel(edges);

    private static ScoredEdge[] Scored(params (string Sender, string Receiver, float Score)[] edges) => [.. edges.Select(edge => new ScoredEdge(new(edge.Sender, edge.Receiver), edge.Score))];

    private static bool NearPlace((double X, double Y) one, (double X, double Y) other) => Math.Abs(one.X - other.X) < 1e-9 && Math.Abs(one.Y - other.Y) < 1e-9;
}
