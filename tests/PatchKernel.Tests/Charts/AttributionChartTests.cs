using System.Text.Json;

namespace PatchKernel.Tests;

/// <summary>Estimates beside exact effects, and how faithful circuits are.</summary>
public sealed class AttributionChartTests
{
    private static readonly double[] Shares = [0.001, 0.01, 0.1, 1];

    [Fact]
    public void A_point_has_its_exact_effect_across_its_estimate_upwards_and_its_name()
    {
        var chart = AgreementChart.Draw([new("embed → logits", 2, 1.5f), new("L0.mlp → logits", -1, 0.5f)], [new("L1.mlp → <logits>", 0.1f, 0.2f)]);
        var data = Data(chart);
        Assert.Equal(["estimate = exact", "random sample", "largest"], data.Select(trace => trace.GetProperty("name").GetString()));
        Assert.Equal(data[0].GetProperty("x").ToString(), data[0].GetProperty("y").ToString());
        Assert.Equal([1.5f, 0.5f], Numbers(data[2], "x"));
        Assert.Equal([2, -1], Numbers(data[2], "y"));
        Assert.Equal("L1.mlp → &lt;logits&gt;", data[1].GetProperty("customdata")[0].GetString());
        Assert.Equal(
            [
                "Largest: Pearson 1.000, Spearman 1.000, same sign 1 of 2, worst miss -1.5000 at L0.mlp → logits",
                "Random sample: Pearson undefined, Spearman undefined, same sign 1 of 1, worst miss -0.1000 at L1.mlp → <logits>",
                "Data range: min=-1.0000, max=2.0000 of the estimates",
            ],
            chart.Caption);
    }

    [Fact]
    public void Small_estimates_fill_their_axes_and_have_ticks_that_differ()
    {
        var layout = JsonElement.Parse(AgreementChart.Draw([new("a", 2e-5f, 1e-5f), new("b", 1e-5f, 3e-5f)], []).ToFigureJson()).GetProperty("layout");
        var ticks = layout.GetProperty("yaxis").GetProperty("ticktext").EnumerateArray().Select(tick => tick.GetString()).ToArray();
        Assert.InRange(ticks.Length, 3, 8);
        Assert.Equal(ticks.Length, ticks.Distinct().Count());
        Assert.InRange(layout.GetProperty("xaxis").GetProperty("range")[1].GetDouble(), 3e-5, 4e-5);
    }

    [Fact]
    public void Without_estimates_there_is_no_chart() => Assert.Equal(
        "No estimate was checked, so there is nothing to draw; check at least one.", Assert.Throws<PatchKernelException>(() => AgreementChart.Draw([], [])).Message);

    [Fact]
    public void Shares_stand_at_their_logarithms_between_the_floor_and_the_whole_model()
    {
        var chart = FaithfulnessChart.Draw(Shares, [new("eap", [0, 0.5f, 0.9f, 1]), new("random", [0, 0, 0.1f, 1]) { IsControl = true, Lower = [0, -1, 0, 1], Upper = [0, 1, 0.2f, 1] }]);
        var data = Data(chart);
        Assert.Equal(["whole model = 1", "no edges = 0", "eap"], data.Take(3).Select(trace => trace.GetProperty("name").GetString()));
        Assert.Equal([1, 1], Numbers(data[0], "y"));
        Assert.Equal([0, 0], Numbers(data[1], "y"));
        Assert.Equal([-3, -2, -1, 0], Numbers(data[2], "x"));
        Assert.Equal("0.1 %", data[2].GetProperty("customdata")[0][0].GetString());
        // The band's lower and upper edge, and the random circuits' own curve in grey.
        Assert.Equal([0, -1, 0, 1], Numbers(data[3], "y"));
        Assert.Equal("tonexty", data[4].GetProperty("fill").GetString());
        Assert.Equal("#808080", data[5].GetProperty("line").GetProperty("color").GetString());
        var axis = JsonElement.Parse(chart.ToFigureJson()).GetProperty("layout").GetProperty("xaxis");
        Assert.Equal(["0.1 %", "1 %", "10 %", "100 %"], axis.GetProperty("ticktext").EnumerateArray().Select(tick => tick.GetString()));
        Assert.Equal([-3, -2, -1, 0], axis.GetProperty("tickvals").EnumerateArray().Select(tick => Math.Round(tick.GetDouble(), 9)));
        Assert.Equal("Data range: min=0.0000, max=1.0000", chart.Caption[^1]);
    }

    [Fact]
    public void Curves_of_runs_stand_beside_their_random_circuits()
    {
        using var model = RandomModel.Create();
        float[] scores = [.. Enumerable.Range(0, new EdgeGraph(model.Config).Edges.Count).Select(edge => edge % 7f)];
        var curve = FaithfulnessCurve.Run(model, [RandomModel.Pair], scores, new() { Shares = [0.1, 0.5, 1], RandomCircuits = 3 });
        var data = Data(FaithfulnessChart.Draw([("first", curve), ("second", curve)]));
        Assert.Equal(["first", "second", "random circuits, mean of 3"], data.Skip(2).Where(trace => trace.GetProperty("mode").GetString() == "lines+markers").Select(trace => trace.GetProperty("name").GetString()));
        Assert.Equal(curve.Faithfulness.Select(value => (float)value), Numbers(data[2], "y"));
        var random = data.Last(trace => trace.GetProperty("mode").GetString() == "lines+markers");
        Assert.Equal((float)curve.RandomCircuits.Average(draw => draw[0]), Numbers(random, "y")[0]);

        var other = FaithfulnessCurve.Run(model, [RandomModel.Pair], scores, new() { Shares = [0.2, 1] });
        Assert.StartsWith("The curves have circuits of different sizes, ",
            Assert.Throws<PatchKernelException>(() => FaithfulnessChart.Draw([("first", curve), ("second", other)])).Message, StringComparison.Ordinal);
        Assert.StartsWith("There is no curve to draw; ",
            Assert.Throws<PatchKernelException>(() => FaithfulnessChart.Draw(Array.Empty<(string, FaithfulnessCurve)>())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_is_drawn_under_what_its_scores_are()
    {
        using var model = RandomModel.Create();
        var estimate = EdgeAttribution.Run(model, RandomModel.Pair, new() { Metric = Metric.LogitDiff });
        var scored = ScoredGraph.Of(estimate, model.Config);
        var chart = AgreementChart.Draw(scored, EstimateCheck.Run(model, estimate, 10), new() { Caption = ["mine"] });
        Assert.Equal([.. scored.Caption, "mine"], chart.Caption.Take(3));
        var layout = JsonElement.Parse(chart.ToFigureJson()).GetProperty("layout");
        Assert.Equal("eap (logits)", layout.GetProperty("yaxis").GetProperty("title").GetProperty("text").GetString());
        Assert.Equal("exact effect (logits)", layout.GetProperty("xaxis").GetProperty("title").GetProperty("text").GetString());
        Assert.Equal([.. scored.Caption, "mine"], CircuitChart.Draw(scored, new() { Caption = ["mine"] }).Caption.Take(3));
    }

    [Fact]
    public void A_share_that_no_ranking_reached_interrupts_its_curve() =>
        Assert.Equal(JsonValueKind.Null, Data(FaithfulnessChart.Draw(Shares, [new("eap", [0, float.NaN, 0.9f, 1])]))[2].GetProperty("y")[1].ValueKind);

    [Fact]
    public void Curves_that_do_not_fit_are_refused_in_one_sentence()
    {
        FaithfulnessLine curve = new("eap", [0, 1]);
        Assert.StartsWith("There is no curve to draw; ", Refusal([], [curve]), StringComparison.Ordinal);
        Assert.StartsWith("There is no curve to draw; ", Refusal([0.1, 1], []), StringComparison.Ordinal);
        Assert.Equal("Shares of the edges are above 0, up to 1, and growing; these are 0, 1.", Refusal([0, 1], [curve]));
        Assert.Equal("Shares of the edges are above 0, up to 1, and growing; these are 1, 0.5.", Refusal([1, 0.5], [curve]));
        Assert.Equal("The curve 'eap' doesn't have one value for each of the 3 shares; give as many.", Refusal([0.1, 0.5, 1], [curve]));
        Assert.Equal("7 curves can't be told apart; draw up to 6.", Refusal([0.1, 1], [.. Enumerable.Repeat(curve, 7)]));

        static string Refusal(double[] shares, FaithfulnessLine[] curves) => Assert.Throws<PatchKernelException>(() => FaithfulnessChart.Draw(shares, curves)).Message;
    }

    private static JsonElement[] Data(ResultChart chart) => [.. JsonElement.Parse(chart.ToFigureJson()).GetProperty("data").EnumerateArray()];

    private static float[] Numbers(JsonElement trace, string name) => [.. trace.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];
}
