using System.Text.Json;
using System.Xml.Linq;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Charts of a summary show its numbers, and say what they are.</summary>
public sealed class StudyChartTests
{
    private static readonly string[] Sources = ["other", "shuffled"];
    private static readonly StudySummary Controlled = SampleSummaries.Controlled(8);

    [Fact]
    public void A_heatmap_has_a_row_a_role_and_the_controls_below()
    {
        var (data, layout) = Figure(StudyChart.Heatmap(Controlled));
        Assert.Single(data);
        Assert.Equal(["subject.last", "last", "random position", "subject.last, shuffled", "last, shuffled"],
            layout.GetProperty("yaxis").GetProperty("ticktext").EnumerateArray().Select(text => text.GetString()));
        var row = Row(layer: 3, "last");
        Assert.Equal((float)row.Mean!.Value, data[0].GetProperty("z")[1][3].GetSingle());
        Assert.Equal(FormattableString.Invariant($", interval {row.Low:0.0000} to {row.High:0.0000}, 40 pairs"), data[0].GetProperty("customdata")[1][3][2].GetString());
        Assert.Equal((float)Row(3, "subject.last", "shuffled").Mean!.Value, data[0].GetProperty("z")[3][3].GetSingle());
    }

    [Fact]
    public void Of_heads_shuffled_pairs_are_a_panel_beside()
    {
        ResultRow[] rows =
        [
            .. from source in Sources from pair in Enumerable.Range(0, 3) from layer in Enumerable.Range(0, 2) from head in Enumerable.Range(0, 11).Reverse()
               select SampleTables.Row with { Site = "z", Source = source, Pair = $"{pair}", Layer = layer, Role = null, Pos = null, Head = head, Score = source == "other" ? head : -head },
        ];
        var (data, layout) = Figure(StudyChart.Heatmap(StudySummary.Of(ResultTable.Of(rows))));
        Assert.Equal(Sources, layout.GetProperty("annotations").EnumerateArray().Skip(1).Select(heading => heading.GetProperty("text").GetString()));
        Assert.Equal((7f, -7f), (data[0].GetProperty("z")[7][1].GetSingle(), data[1].GetProperty("z")[7][0].GetSingle()));
        Assert.Equal(-data[0].GetProperty("zmin").GetDouble(), data[0].GetProperty("zmax").GetDouble());
    }

    [Fact]
    public void Curves_have_their_intervals_and_controls_are_grey_and_dashed()
    {
        var data = Figure(StudyChart.Curves(Controlled)).Data.Where(trace => trace.TryGetProperty("name", out _)).ToArray();
        Assert.Equal(["subject.last", "last", "random position", "subject.last, shuffled", "last, shuffled"], data.Select(trace => trace.GetProperty("name").GetString()));
        Assert.Equal([false, false, true, true, true], data.Select(trace => trace.GetProperty("line").TryGetProperty("dash", out var dash) && dash.GetString() == "dash"));
        Assert.Equal([false, false, true, true, true], data.Select(trace => trace.GetProperty("line").GetProperty("color").GetString() == "#808080"));
        var shapes = data.Select(trace => trace.GetProperty("marker").GetProperty("symbol").ToString()).ToArray();
        Assert.Equal([shapes[0], shapes[1]], shapes[3..]);
        Assert.Equal(3, shapes.Distinct().Count());
        var row = Row(layer: 5, "last");
        Assert.Equal((float)row.Mean!.Value, data[1].GetProperty("y")[5].GetSingle());
        Assert.Equal([(float)row.Low!.Value, (float)row.High!.Value], data[1].GetProperty("customdata")[5].EnumerateArray().Skip(1).Select(end => end.GetSingle()));
    }

    [Fact]
    public void Groups_are_panels_on_one_scale_and_names_stand_once()
    {
        var (data, layout) = Figure(StudyChart.Curves(Controlled, new() { By = "relation" }));
        Assert.Equal(["capital", "indirect-object", "landmark", "opposite"], layout.GetProperty("annotations").EnumerateArray().Skip(1).Select(heading => heading.GetProperty("text").GetString()));
        Assert.Equal(5, data.Count(trace => trace.TryGetProperty("showlegend", out var shown) && shown.GetBoolean()));
        Assert.Single(Enumerable.Range(1, 4).Select(i => layout.GetProperty(i == 1 ? "yaxis" : $"yaxis{i}").GetProperty("range").ToString()).Distinct());
        Assert.Single(Enumerable.Range(1, 4).Select(i => layout.GetProperty(i == 1 ? "yaxis" : $"yaxis{i}").GetProperty("tickvals").ToString()).Distinct()); // lines behind the data
        var names = XDocument.Parse(StudyChart.Curves(Controlled, new() { By = "relation" }).ToSvg()).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim());
        Assert.Single(names, name => name == "subject.last, shuffled");
        var heatmap = Figure(StudyChart.Heatmap(Controlled, new() { By = "relation" }));
        Assert.Equal(4, heatmap.Data.Length);
        var expected = Controlled.Rows.Single(row => row is { Group: "landmark", Role: "last", Source: "other", Layer: 4, Metric: "logit_diff" });
        var at = heatmap.Layout.GetProperty("annotations").EnumerateArray().Skip(1).Select(heading => heading.GetProperty("text").GetString()).ToList().IndexOf("landmark");
        Assert.Equal((float)expected.Mean!.Value, heatmap.Data[at].GetProperty("z")[1][4].GetSingle());
    }

    [Fact]
    public void The_caption_says_what_was_averaged() => Assert.Equal(
        [
            "mini, 40 pairs · resid_post, denoising: clean activations put into the corrupt run",
            "Score logit_diff: 0 in the corrupt run, 1 in the clean run; mean over the pairs with its 95 % bootstrap interval",
            "To compare with: a random position, and activations of another pair (shuffled)",
        ],
        StudyChart.Curves(Controlled).Caption.Take(3));

    [Fact]
    public void With_noise_the_caption_names_the_noised_run()
    {
        ResultRow[] rows = [.. from source in (string[])["zero", "noise"] from pair in Enumerable.Range(0, 2) from direction in (string[])["denoising", "noising"] select SampleTables.Row with { Source = source, Direction = direction, Pair = $"{pair}" }];
        var caption = StudyChart.Curves(StudySummary.Of(ResultTable.Of(rows))).Caption;
        Assert.EndsWith(
            "denoising: zero activations put into the corrupt run; clean activations put into the noised run; noising: zero activations put into the clean run; noised activations put into the clean run",
            caption[0], StringComparison.Ordinal);
        Assert.Contains(": 0 in the corrupt or noised run, 1 in the clean run", caption[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Shuffled_pairs_stand_beside_the_pair_s_own_run_and_each_control_has_a_shape()
    {
        ResultRow[] rows =
        [
            .. from source in (string[])["zero", "other", "shuffled"] from role in (string[])["subject.last", "last", "random"] from pair in Enumerable.Range(0, 2)
               select SampleTables.Row with { Source = source, Role = role, Pair = $"{pair}", Score = source == "shuffled" ? -3 : 1 },
        ];
        var (data, layout) = Figure(StudyChart.Curves(StudySummary.Of(ResultTable.Of(rows))));
        Assert.Equal(["zero", "other"], layout.GetProperty("annotations").EnumerateArray().Skip(1).Select(heading => heading.GetProperty("text").GetString()));
        var shuffled = data.Where(trace => trace.TryGetProperty("name", out var name) && name.GetString()!.EndsWith("shuffled", StringComparison.Ordinal)).ToArray();
        Assert.All(shuffled.Where(trace => trace.GetProperty("y")[0].ValueKind == JsonValueKind.Number), trace => Assert.Equal("x2", trace.GetProperty("xaxis").GetString()));
        Assert.Contains(shuffled, trace => trace.GetProperty("y")[0].ValueKind == JsonValueKind.Number);
        var controls = data.Where(trace => trace.TryGetProperty("name", out var name) && name.GetString()!.Contains("random", StringComparison.Ordinal));
        Assert.Equal(2, controls.Select(trace => trace.GetProperty("marker").GetProperty("symbol").ToString()).Distinct().Count());
    }

    [Fact]
    public void Sites_with_heads_and_without_have_rows_of_their_own()
    {
        ResultRow[] rows =
        [
            .. from pair in Enumerable.Range(0, 2) from role in (string[])["subject.last", "last"] from head in (int?[])[null, 0, 1]
               select SampleTables.Row with { Site = head is null ? "mlp_out" : "z", Role = role, Head = head, Pair = $"{pair}" },
        ];
        var summary = StudySummary.Of(ResultTable.Of(rows));
        var layout = Figure(StudyChart.Heatmap(summary)).Layout;
        Assert.Equal([2, 4], ((string[])["yaxis", "yaxis2"]).Select(axis => layout.GetProperty(axis).GetProperty("ticktext").GetArrayLength()).Order());
        // Seven curves would be too many.
        Assert.Equal("Curves", Kind(StudyChart.Draw(summary)));
        Assert.Equal("Heatmap", Kind(StudyChart.Draw(SampleSummaries.Of([.. Enumerable.Range(0, 7).Select(i => $"options[{i}].last")], ["other"], 3))));

        static string Kind(ResultChart chart) => Figure(chart).Data.Any(trace => trace.GetProperty("type").GetString() == "heatmap") ? "Heatmap" : "Curves";
    }

    [Fact]
    public void A_metric_without_scores_is_drawn_as_its_mean_value()
    {
        var chart = StudyChart.Curves(Controlled, new() { Metric = "match" });
        var data = Figure(chart).Data.Where(trace => trace.TryGetProperty("name", out _)).ToArray();
        Assert.Equal((float)Controlled.Rows.Single(row => row is { By: null, Role: "last", Source: "other", Layer: 7, Metric: "match" }).MeanValue!.Value, data[1].GetProperty("y")[7].GetSingle());
        Assert.Equal("match: mean over the pairs", chart.Caption[1]);
        Assert.Contains("Mean match", chart.ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_were_left_out_are_not_drawn()
    {
        var rows = SampleTables.Study(3, 9, (pair, layer, _) => layer).Where(row => row.Layer % 4 == 0).ToArray();
        var (data, layout) = Figure(StudyChart.Heatmap(StudySummary.Of(ResultTable.Of(rows))));
        Assert.Equal(["0", "4", "8"], layout.GetProperty("xaxis").GetProperty("ticktext").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal([0f, 4, 8], data[0].GetProperty("z")[0].EnumerateArray().Select(z => z.GetSingle()));
        Assert.Equal("8", data[0].GetProperty("customdata")[0][2][1].GetString());
    }

    [Fact]
    public void A_cell_that_only_some_groups_have_is_empty_in_the_others()
    {
        var rows = SampleTables.Study(6, 3, (_, layer, _) => layer).Where(row => row.Pair is "pair-0" or "pair-1" || row.Role == "last").ToArray();
        var pairs = PairTable.Of([.. Enumerable.Range(0, 6).Select(pair => SampleTables.Pair with { Pair = $"pair-{pair}", Columns = new Dictionary<string, string> { ["of"] = pair < 2 ? "a" : "b" } })]);
        var summary = StudySummary.Of(ResultTable.Of(rows), pairs);
        var data = Figure(StudyChart.Curves(summary, new() { By = "of" })).Data.Where(trace => trace.TryGetProperty("name", out _)).ToArray();
        Assert.Equal(4, data.Length);
        Assert.All(data[2].GetProperty("y").EnumerateArray(), y => Assert.Equal(JsonValueKind.Null, y.ValueKind));
        _ = XDocument.Parse(StudyChart.Curves(summary, new() { By = "of" }).ToSvg());
    }

    [Theory]
    [InlineData("Metric", "The summary has no metric \"x\"; it has \"logit_diff\", \"match\".")]
    [InlineData("By", "The summary has no groups by \"x\"; it has \"relation\". A column groups pairs where it has 2 to 20 different values, and fewer than there are pairs.")]
    [InlineData("Site", "The summary has no site \"x\"; it has \"resid_post\".")]
    [InlineData("Direction", "The summary has no direction \"x\"; it has \"denoising\".")]
    [InlineData("Model", "The summary has no model \"x\"; it has \"mini\".")]
    [InlineData("Roles", "The summary has no role \"x\"; it has \"subject.last\", \"last\", \"random\".")]
    public void What_isnt_there_is_refused_with_what_is(string option, string expected)
    {
        StudyChartOptions options = option switch
        {
            "Metric" => new() { Metric = "x" },
            "By" => new() { By = "x" },
            "Site" => new() { Site = "x" },
            "Direction" => new() { Direction = "x" },
            "Model" => new() { Model = "x" },
            _ => new() { Roles = ["x"] },
        };
        Assert.Equal(expected, Assert.Throws<PatchKernelException>(() => StudyChart.Heatmap(Controlled, options)).Message);
        Assert.Equal(expected, Assert.Throws<PatchKernelException>(() => StudyChart.Curves(Controlled, options)).Message);
    }

    [Fact]
    public void Nothing_and_too_much_are_refused()
    {
        Assert.Equal("The summary is empty: there is nothing to draw.", Assert.Throws<PatchKernelException>(() => StudyChart.Heatmap(StudySummary.Of(ResultTable.Of([])))).Message);
        var many = SampleSummaries.Of([.. Enumerable.Range(0, 7).Select(i => $"options[{i}].last")], ["other"], 3);
        Assert.Equal("7 curves can't be told apart: draw a heatmap, or choose up to 6 roles, such as \"options[0].last\".",
            Assert.Throws<PatchKernelException>(() => StudyChart.Curves(many)).Message);
        var chosen = Figure(StudyChart.Curves(many, new() { Roles = ["options[6].last", "options[1].last"] })).Data.Where(trace => trace.TryGetProperty("name", out _));
        Assert.Equal(["options[6].last", "options[1].last"], chosen.Select(trace => trace.GetProperty("name").GetString()));
    }

    private static SummaryRow Row(int layer, string role, string source = "other") =>
        Controlled.Rows.Single(row => row is { By: null, Metric: "logit_diff" } && row.Layer == layer && row.Role == role && row.Source == source);

    private static (JsonElement[] Data, JsonElement Layout) Figure(ResultChart chart)
    {
        var figure = JsonDocument.Parse(chart.ToFigureJson()).RootElement;
        return ([.. figure.GetProperty("data").EnumerateArray()], figure.GetProperty("layout"));
    }
}
