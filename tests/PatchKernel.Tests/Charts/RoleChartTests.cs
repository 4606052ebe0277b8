using System.Net;
using System.Text.Json;

namespace PatchKernel.Tests.Charts;

/// <summary>Charts of sweeps by role.</summary>
public sealed class RoleChartTests
{
    private static readonly SweepResult Sample = SampleResults.Roles();

    [Fact]
    public void Rows_are_roles_in_order_and_each_token_of_each_has_its_text()
    {
        var chart = Heatmap.Draw(Sample);
        Assert.Equal(["subject.first", "subject.mean", "object.each \" Ġéß\"", "object.each \"\\\"</script>&amp;\"", "object.all", "1:2+2:1", "last"], chart.RowLabels);
        Assert.Equal(("role", false), (chart.RowAxis, chart.RowsArePositions));
        Assert.Equal(["Role", .. chart.RowLabels], Drawn(chart));

        static IEnumerable<string> Drawn(Heatmap chart)
        {
            var axis = JsonDocument.Parse(chart.ToFigureJson()).RootElement.GetProperty("layout").GetProperty("yaxis");
            return [axis.GetProperty("title").GetProperty("text").GetString()!, .. axis.GetProperty("ticktext").EnumerateArray().Select(label => WebUtility.HtmlDecode(label.GetString()!))];
        }
    }

    [Fact]
    public void A_hover_and_the_table_have_both_prompts_tokens()
    {
        var hovers = JsonDocument.Parse(Heatmap.Draw(Sample).ToFigureJson()).RootElement.GetProperty("data")[0].GetProperty("customdata")
            .EnumerateArray().Select(row => WebUtility.HtmlDecode(row[2][0].GetString()!)).ToArray();
        Assert.Equal("subject.first \" the\" (corrupt: \" an\"), position 3", hovers[0]);
        Assert.Equal("subject.mean \" the the\" (corrupt: \" an or two three\"), positions 3 to 4 (corrupt: 3 to 6)", hovers[1]);
        Assert.Equal("object.each \" Ġéß\", position 6 (corrupt: 8)", hovers[2]);
        Assert.Equal("1:2+2:1 \"A:\" (corrupt: \":\" … \"A\"), positions 1 to 2 (corrupt: 2, 1)", hovers[5]);
        var page = WebUtility.HtmlDecode(Heatmap.Draw(Sample).ToHtml());
        Assert.Contains("<th scope=\"row\">subject.mean \" the the\" (corrupt: \" an or two three\")</th>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"col\">Role \\ Layer</th>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_caption_says_what_a_row_is_and_how_long_the_prompts_are()
    {
        Assert.Equal(
            [
                "mini, pair sample (8 tokens clean, 10 corrupt) · resid_post, denoising: clean activations put into the corrupt run",
                "Each row is a role: what the clean run has at its tokens is put at those of the corrupt run; .mean puts their mean",
                "Score target_logit: logit of \" Isaac\", 0 in the corrupt run, 1 in the clean run",
                "Data range: min=0.0000, max=1.0000",
            ],
            Heatmap.Draw(Sample).Caption);
        var other = Sample with { Source = "zero", Direction = Direction.Noising, Places = [.. Sample.Places!.Where(place => !place.IsMean)], Shape = [7, 6] };
        Assert.Equal("Each row is a role: its tokens of the clean run are patched", Heatmap.Draw(other).Caption[1]);
    }

    [Fact]
    public void A_result_reads_as_one_line() => Assert.Equal(
        "mini, pair sample: resid_post, denoising, target_logit, 7 layers × 7 roles; scores 0.0000 to 1.0000, highest at layer 6, last \"\\\"</script>&amp;\"", Sample.ToString());

    [Fact]
    public void Ids_stand_for_tokens_without_text()
    {
        var bare = Sample with { Pair = Sample.Pair with { Clean = Sample.Pair.Clean with { Text = null, Tokens = null }, Corrupt = Sample.Pair.Corrupt with { Text = null, Tokens = null } } };
        Assert.Equal("object.each 15", Heatmap.Draw(bare).RowLabels[2]);
        Assert.EndsWith("highest at layer 6, last 16", bare.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Activation.ResidPost)]
    [InlineData(Activation.Z)]
    public void In_prompts_of_one_length_a_row_is_the_token_grids(Activation site)
    {
        using var model = RandomModel.Create();
        var spans = new Dictionary<string, TokenSpan> { ["subject"] = new(1, 3) };
        var pair = RandomModel.Pair with { Clean = RandomModel.Pair.Clean with { Spans = spans }, Corrupt = RandomModel.Pair.Corrupt with { Spans = spans } };
        var grid = Heatmap.Draw(Sweep.Run(model, pair, new() { Site = site, Positions = Positions.Each }));
        var roles = Heatmap.Draw(Sweep.Run(model, pair, new() { Site = site, Roles = TokenRole.ParseAll("subject.last,subject.each,last,-2:-2") }));
        Assert.Equal(5, roles.RowLabels.Count);
        foreach (var (row, pos) in new[] { 2, 1, 2, pair.Clean.Length - 1, pair.Clean.Length - 2 }.Index())
            for (var layer = 0; layer < grid.Layers; layer++) Assert.Equal(grid.Score(layer, pos), roles.Score(layer, row), 1e-4f);
        Assert.Equal(site == Activation.Z, roles.Caption.Contains("Each cell shows the head whose patch does most"));
    }

    [Fact]
    public void Side_by_side_tokens_and_roles_are_told_apart()
    {
        var tokens = SampleResults.Small();
        var (data, layout) = Figure(Heatmaps.Draw(tokens, Sample with { Pair = Sample.Pair with { Clean = tokens.Pair.Clean } }));
        Assert.Equal(2, data.GetArrayLength());
        Assert.Equal(["by pos", "by role"], layout.GetProperty("annotations").EnumerateArray().Skip(1).Select(heading => heading.GetProperty("text").GetString()));
        Assert.Single(Heatmaps.Draw(tokens, Sample).Caption, line => line.StartsWith("Each row is a role", StringComparison.Ordinal));
    }

    [Fact]
    public void A_difference_needs_the_same_roles()
    {
        Assert.Equal(0, DifferenceHeatmap.Draw(Sample, Sample).Values.Max());
        Assert.Contains("Each row is a role", string.Join('\n', DifferenceHeatmap.Draw(Sample, Sample).Caption), StringComparison.Ordinal);
        var other = Sample with { Places = [.. Sample.Places!.Select(place => place with { Role = place.Role.Replace("subject", "topic", StringComparison.Ordinal) })] };
        Assert.Equal(
            "A difference needs the same roles; these are subject.first, subject.mean, object.each, object.each, object.all, 1:2+2:1, last"
            + " and topic.first, topic.mean, object.each, object.each, object.all, 1:2+2:1, last.",
            Assert.Throws<PatchKernelException>(() => DifferenceHeatmap.Draw(Sample, other)).Message);
    }

    [Fact]
    public void An_average_goes_role_by_role_and_over_a_pairs_tokens_first()
    {
        // The second pair's object has one token: each pair counts once.
        var two = Sample;
        var one = Sample with
        {
            Places = [.. Sample.Places!.Where((_, row) => row != 3)],
            Shape = [7, 6],
            Values = new Dictionary<string, float[]>(Sample.Values) { ["normalised_score"] = [.. Sample.NormalisedScore.Where((_, cell) => cell % 7 != 3).Select(score => score / 2)] },
        };
        var average = SweepAverage.Of(two, one);
        Assert.Equal(["subject.first", "subject.mean", "object.each", "object.all", "1:2+2:1", "last"], average.Rows);
        for (var layer = 0; layer < 7; layer++)
        {
            Assert.Equal((two.Score(layer, 0) + one.Score(layer, 0)) / 2, average.Mean[layer], 1e-6f);
            Assert.Equal(((two.Score(layer, 2) + two.Score(layer, 3)) / 2 + one.Score(layer, 2)) / 2, average.Mean[2 * 7 + layer], 1e-6f);
        }
        Assert.StartsWith("2 sweeps, resid_post, denoising, target_logit, 7 layers × roles subject.first, subject.mean, object.each, object.all, 1:2+2:1, last: highest mean 0.7500", average.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("at layer 6, last", average.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_roles_and_heads_by_role_have_no_average()
    {
        var fewer = Sample with { Places = [Sample.Places![0]], Shape = [7, 1] };
        Assert.StartsWith("Only like can be averaged; these are ", Assert.Throws<PatchKernelException>(() => SweepAverage.Of(Sample, fewer)).Message, StringComparison.Ordinal);
        var heads = Sample with { Axes = ["layer", "role", "head"], Shape = [1, 7, 7] };
        Assert.Equal(
            "An average needs results over layer × pos, layer × role or layer × head; the axes here are layer × role × head, so draw these one by one, or sweep heads without positions.",
            Assert.Throws<PatchKernelException>(() => SweepAverage.Of(heads, heads)).Message);
    }

    [Fact]
    public void Few_roles_are_curves_and_many_a_heatmap()
    {
        var (data, layout) = Figure(AverageChart.Draw(Sample, Sample));
        Assert.Equal("heatmap", data[0].GetProperty("type").GetString());
        Assert.Equal("Role", layout.GetProperty("yaxis").GetProperty("title").GetProperty("text").GetString());
        Assert.StartsWith("role %{customdata[0]}<br>layer %{x}", data[0].GetProperty("hovertemplate").GetString(), StringComparison.Ordinal);
        Assert.Equal("object.each", data[0].GetProperty("customdata")[2][0][0].GetString());
        int[] rows = [0, 6];
        var few = Sample with
        {
            Places = [.. rows.Select(row => Sample.Places![row])],
            Shape = [7, 2],
            Values = new Dictionary<string, float[]>(Sample.Values) { ["normalised_score"] = [.. Sample.NormalisedScore.Where((_, cell) => rows.Contains(cell % 7))] },
        };
        var curves = Figure(AverageChart.Draw(few, few)).Data.EnumerateArray().Select(trace => trace.TryGetProperty("name", out var name) ? name.GetString() : null);
        Assert.Superset(new HashSet<string?> { "subject.first", "last" }, curves.ToHashSet());
        Assert.Contains("Each row is a role", string.Join('\n', AverageChart.Draw(Sample, Sample).Caption), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_s_strip_underlines_its_spans_and_names_them()
    {
        var html = WebUtility.HtmlDecode(Sample.Pair.ToHtml());
        Assert.Equal(2 + 2 + 4 + 2, html.Split("border-bottom:1px solid\"").Length - 1);
        Assert.Contains("title=\"position 5, id 19, \" two\", subject\"", html, StringComparison.Ordinal);
        Assert.Contains(">underlined: subject, object<", html, StringComparison.Ordinal);
        Assert.Contains(">underlined: subject, object<", Sample.Pair.Clean.ToHtml(), StringComparison.Ordinal);
        Assert.DoesNotContain("underlined", SampleResults.Small().Pair.ToHtml(), StringComparison.Ordinal);
    }

    private static (JsonElement Data, JsonElement Layout) Figure(ResultChart chart)
    {
        var figure = JsonDocument.Parse(chart.ToFigureJson()).RootElement;
        return (figure.GetProperty("data"), figure.GetProperty("layout"));
    }
}
