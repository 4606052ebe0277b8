using System.Text.RegularExpressions;

namespace PatchKernel.Tests;

public sealed partial class DisplayTests
{
    private static readonly PromptPair Pair = SampleResults.Small().Pair;

    [Fact]
    public void A_pair_marks_the_tokens_that_differ_and_no_other()
    {
        var html = Pair.ToHtml();
        Assert.Equal(["␣the", "␣an"], Marks().Matches(html).Select(match => match.Groups["text"].Value));
        Assert.Equal(2 * 8, Regex.Count(html, "title=\"position "));
    }

    [Fact]
    public void Pairs_of_unequal_length_mark_what_has_no_like()
    {
        var pair = new PromptPair(null, Prompt.FromIds([1, 2, 3, 9]), Prompt.FromIds([1, 5, 9]), new(3, null), new(4, null));
        Assert.Equal(["2", "3", "5"], Marks().Matches(pair.ToHtml()).Select(match => match.Groups["text"].Value));
        Assert.Contains("4 tokens clean, 3 corrupt", pair.ToHtml());
    }

    [Fact]
    public void Hovering_over_a_token_tells_position_and_id() =>
        Assert.Contains("title=\"position 4, id 13, &quot; the&quot;\"", Pair.ToHtml());

    [Fact]
    public void Spaces_and_line_breaks_are_visible_and_markup_is_text()
    {
        var html = Pair.Clean.ToHtml();
        Assert.Contains(">.\\n</span>", html);
        Assert.Contains(">␣Ġ&#233;&#223;</span>", html);
        Assert.Contains(">&quot;&lt;/script&gt;&amp;amp;</span>", html);
    }

    [Fact]
    public void A_check_shows_what_it_found()
    {
        var same = Pair with { CorruptTarget = Pair.CleanTarget };
        Assert.Contains("✗ error: Both targets are &quot; Isaac&quot;", PairCheck.Run(same).ToHtml());
        Assert.Contains("✓ nothing to complain about", PairCheck.Run(Pair).ToHtml());
    }

    [Fact]
    public void A_pair_reads_as_text_too() => Assert.Equal(
        "sample: \" Isaac\" or \" Michael\", 8 tokens each\n  pos  clean      corrupt\n    4  13 \" the\"  17 \" an\"", Pair.ToString());

    [Fact]
    public void Bars_are_as_long_as_probabilities()
    {
        var html = Prediction.Of(null, [0, MathF.Log(3), MathF.Log(4)], 2, null).ToHtml();
        Assert.Equal(["50", "37.5"], Widths().Matches(html).Select(match => match.Groups[1].Value));
        Assert.Contains(">50.0 %<", html);
    }

    [Fact]
    public void Probabilities_of_large_logits_do_not_overflow()
    {
        var best = Prediction.Of(null, [1000, 1000, -1000], 3, null).Best;
        Assert.Equal([0.5f, 0.5f, 0], best.Select(token => token.Probability));
    }

    [Fact]
    public void Runs_of_older_files_show_their_logits_without_bars()
    {
        var runs = new Baseline(new(5, 3, [new(1, " a", 5)]), new(2, 4, [new(2, "<b>", 4)]));
        Assert.DoesNotContain("probability", runs.ToHtml());
        Assert.Contains("<code>&quot;&lt;b&gt;&quot;</code>", runs.ToHtml());
        Assert.Contains("gap by target_logit: <b>3.00</b> logits", runs.ToHtml());
        Assert.Equal("clean run \" a\" 5.00, corrupt run \"<b>\" 4.00; gap 3.00 by target_logit, 4.00 by logit_diff", runs.ToString());
    }

    [Fact]
    public void A_model_folds_its_layers()
    {
        var html = ModelTree.Of(RandomModel.Config).ToHtml();
        Assert.Equal(6, Regex.Count(html, "<details"));
        Assert.Equal(3, Regex.Count(html, "<details open"));
        Assert.Contains("<b>q_proj</b> <code>Linear(in_features=24, out_features=24, bias=False)</code> <span style=\"opacity:.7\">24 &#215; 24 &#183; 576 parameters</span>", html);
    }

    [Fact]
    public void A_models_line_has_its_size()
    {
        using var model = RandomModel.Create();
        Assert.Equal("random: 3 layers, 4 heads, d_model 24, 16,392 parameters, float32 on cpu", model.ToString());
    }

    [Fact]
    public void A_cached_run_says_what_it_keeps()
    {
        using var model = RandomModel.Create();
        using var run = model.RunWithCache(RandomModel.Pair.Clean, Activation.ResidPost, Activation.Z);
        Assert.EndsWith("; keeps z, resid_post", run.ToString());
        Assert.Equal(model.Predict(RandomModel.Pair.Clean), run.Prediction, Same);
        run.Dispose();
        Assert.EndsWith("; disposed of", run.ToString());
    }

    [Fact]
    public void Setting_a_notebook_up_brings_plotly_each_time()
    {
        Assert.Contains("<script data-patchkernel=\"plotly\">", Notebook.Start().ToHtml());
        Assert.Contains("<script data-patchkernel=\"plotly\">", Notebook.Start().ToHtml());
    }

    private static bool Same(Prediction a, Prediction b) => a.Best.SequenceEqual(b.Best);

    [GeneratedRegex("<b title=[^>]*>(?<text>[^<]*)</b>")]
    private static partial Regex Marks();

    [GeneratedRegex("width:([0-9.]+)%")]
    private static partial Regex Widths();
}
