namespace PatchKernel.Tests;

public sealed class HeatmapTests
{
    [Fact]
    public void The_title_is_the_tutorials() => Assert.Equal("Indirect Effects of Residual Layers", Heatmap.Draw(SampleResults.Small()).Title);

    [Theory]
    [InlineData(Activation.ResidPre, "Indirect Effects of Residual Layers")]
    [InlineData(Activation.ResidMid, "Indirect Effects of Residual Layers")]
    [InlineData(Activation.AttnOut, "Indirect Effects of Attention Layers")]
    [InlineData(Activation.MlpOut, "Indirect Effects of MLP Layers")]
    public void Every_site_has_its_title(Activation site, string title) => Assert.Equal(title, Heatmap.Draw(SampleResults.Small(site: site)).Title);

    [Fact]
    public void A_title_can_be_given() => Assert.Equal("Mine", Heatmap.Draw(SampleResults.Small(), new() { Title = "Mine" }).Title);

    [Fact]
    public void Rows_are_the_clean_prompts_tokens_in_quotes_on_one_line() => Assert.Equal(
        ["\"<|begin_of_text|>\"", "\"A\"", "\":\"", "\" the\"", "\" the\"", "\".\\n\"", "\" Ġéß\"", "\"\\\"</script>&amp;\""],
        Heatmap.Draw(SampleResults.Small()).RowLabels);

    [Fact]
    public void Rows_are_ids_where_only_ids_were_given() =>
        Assert.Equal(["0", "11", "12", "13", "13", "14", "15", "16"], Heatmap.Draw(SampleResults.Small(idsOnly: true)).RowLabels);

    [Fact]
    public void The_caption_says_what_ran_which_score_it_is_and_the_range() => Assert.Equal(
        [
            "mini, pair sample · resid_post, denoising: clean activations put into the corrupt run",
            "Score target_logit: logit of \" Isaac\", 0 in the corrupt run, 1 in the clean run",
            "Data range: min=0.0000, max=1.0000",
        ],
        Heatmap.Draw(SampleResults.Small()).Caption);

    [Fact]
    public void The_caption_names_the_other_direction_and_metric()
    {
        var caption = Heatmap.Draw(SampleResults.Small() with { Direction = Direction.Noising, Metrics = [Metric.LogitDiff] }).Caption;
        Assert.Contains("noising: corrupt activations put into the clean run", caption[0]);
        Assert.StartsWith("Score logit_diff: logit of \" Isaac\" less logit of \" Michael\", ", caption[1]);
    }

    [Fact]
    public void Clipped_cells_are_counted_and_said()
    {
        var heatmap = Heatmap.Draw(SampleResults.Small(Outside));
        Assert.Equal(3, heatmap.ClippedCells);
        Assert.Equal("Data range: min=-0.2500, max=1.5000 · 3 of 56 cells lie outside 0…1 by more than 0.005, and are clipped", heatmap.Caption[^1]);
    }

    [Fact]
    public void Rounding_errors_are_neither_clipped_nor_negative()
    {
        var heatmap = Heatmap.Draw(SampleResults.Small((layer, _) => layer == 0 ? -1e-7f : 1.0000002f));
        Assert.Equal(0, heatmap.ClippedCells);
        Assert.Equal("Data range: min=0.0000, max=1.0000", heatmap.Caption[^1]);
    }

    [Fact]
    public void Where_a_check_found_more_rounding_only_what_lies_further_outside_is_clipped()
    {
        // 0.2 of a gap of 4 logits.
        var result = SampleResults.Small((layer, pos) => (layer, pos) switch { (0, 0) => -0.04f, (1, 1) => -0.06f, _ => 0.5f });
        var heatmap = Heatmap.Draw(result with { Verified = new(3, 0.2f) });
        Assert.Equal(1, heatmap.ClippedCells);
        Assert.Contains(" · 1 of 56 cells lie outside 0…1 by more than 0.05, and are clipped", heatmap.Caption[2], StringComparison.Ordinal);
        Assert.Equal(2, Heatmap.Draw(result).ClippedCells);
    }

    [Fact]
    public void Heads_with_negative_scores_have_the_signed_scale_and_say_so()
    {
        var heads = SampleResults.Heads(8, 4, Activation.Z);
        var heatmap = Heatmap.Draw(heads);
        Assert.Same(ColourScale.Diverging, heatmap.Scale);
        Assert.Equal("11 of 32 scores of heads are negative: further from the clean run than the corrupt run is", heatmap.Caption[^1]);
        Assert.Same(ColourScale.Diverging, Heatmap.Draw(heads with { Axes = ["layer", "pos", "head"], Shape = [1, 8, 4] }).Scale);
        Assert.Contains("11 of 32 scores of heads are negative", string.Join('\n', Heatmaps.Draw(heads, SampleResults.Small()).Caption), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scale_that_was_asked_for_stays_and_the_caption_names_the_signed_one()
    {
        var heatmap = Heatmap.Draw(SampleResults.Heads(8, 4, Activation.Z), new() { Scale = ColourScale.Purples });
        Assert.Same(ColourScale.Purples, heatmap.Scale);
        Assert.EndsWith("; a signed scale shows them", heatmap.Caption[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_without_and_positions_with_negative_scores_keep_the_tutorials_scale()
    {
        Assert.Same(ColourScale.Purples, Heatmap.Draw(SampleResults.Heads(8, 4, Activation.Z, (_, head) => head == 0 ? -0.004f : 0.5f)).Scale);
        Assert.Same(ColourScale.Purples, Heatmap.Draw(SampleResults.Small(Outside)).Scale);
    }

    [Fact]
    public void The_diverging_scale_is_symmetric_and_clips_nothing()
    {
        var heatmap = Heatmap.Draw(SampleResults.Small(Outside), new() { Scale = ColourScale.Diverging });
        Assert.Equal(new ColourRange(-1.5, 1.5), heatmap.Range);
        Assert.Equal(0, heatmap.ClippedCells);
        Assert.Equal("Data range: min=-0.2500, max=1.5000", heatmap.Caption[^1]);
    }

    [Fact]
    public void Cells_that_are_not_a_number_are_counted_and_said() => Assert.Equal(
        "Data range: min=0.5000, max=0.5000 · 8 of 56 cells are not a number",
        Heatmap.Draw(SampleResults.Small((layer, _) => layer == 3 ? float.NaN : 0.5f)).Caption[^1]);

    [Fact]
    public void Other_axes_are_refused()
    {
        var one = SampleResults.Small() with { Axes = ["layer"], Shape = [SampleResults.Small().Values["clean_target"].Length] };
        var error = Assert.Throws<PatchKernelException>(() => Heatmap.Draw(one));
        Assert.Equal("A heatmap shows two axes, or layers by positions and heads; the axes here are layer.", error.Message);
    }

    [Fact]
    public void A_chart_reads_as_text_too() =>
        Assert.StartsWith("Indirect Effects of Residual Layers. mini, pair sample · ", Heatmap.Draw(SampleResults.Small()).ToString());

    [Theory]
    [InlineData("x.bmp")]
    [InlineData("x")]
    [InlineData("x.html")]
    public void A_picture_of_another_kind_is_refused(string path)
    {
        var error = Assert.Throws<PatchKernelException>(() => Heatmap.Draw(SampleResults.Small()).WriteImage(path));
        Assert.Equal($"Cannot write the picture '{path}': its name should end in .png or .svg.", error.Message);
    }

    [Theory]
    [InlineData("target_logit", "Data range: min=-0.3089, max=1.0000 · 147 of 840 cells lie outside 0…1 by more than 0.005, and are clipped")]
    [InlineData("logit_diff", "Data range: min=-0.7906, max=1.6641 · 233 of 840 cells lie outside 0…1 by more than 0.005, and are clipped")]
    public void A_measured_sweep_says_its_range(string metric, string range) =>
        Assert.StartsWith(range, Heatmap.Draw(SampleResults.SmolLM2("profession", Metric.Parse(metric))).Caption[^1]);

    internal static float Outside(int layer, int pos) => (layer, pos) switch
    {
        (0, 0) => -0.25f,
        (1, 4) => 1.5f,
        (6, 7) => 1.25f,
        _ => 0.5f,
    };
}
