using PatchKernel.Charts;

namespace PatchKernel.Tests;

public sealed class CategoryAxisTests
{
    [Theory]
    [InlineData(8, new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(21, new[] { 0, 5, 10, 15, 20 })]
    [InlineData(28, new[] { 0, 5, 10, 15, 20, 25 })]
    public void Each_of_twenty_layers_has_its_label_and_more_have_the_tutorials(int layers, int[] ticks) => Assert.Equal(ticks, CategoryAxis.Layers(layers).Ticks(each: 20, needed: 20));

    [Theory]
    [InlineData(20, 12, new[] { 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 })]
    [InlineData(12, 5, new[] { 0, 5, 10 })]
    public void Layers_that_have_no_room_for_each_label_have_every_second_or_fifth(int layers, double each, int[] ticks) =>
        Assert.Equal(ticks, CategoryAxis.Layers(layers).Ticks(each, needed: 20));

    [Fact]
    public void Many_layers_in_little_room_have_fewer_ticks() =>
        Assert.Equal([0, 20, 40, 60], CategoryAxis.Layers(80).Ticks(each: 2, needed: 22));

    [Fact]
    public void Every_token_has_its_label_where_there_is_room() =>
        Assert.Equal(Enumerable.Range(0, 28), Tokens(28, differing: 15).Ticks(each: 19, needed: 13));

    [Fact]
    public void Of_two_hundred_tokens_every_fifth_has_a_label_and_the_subject_and_the_last_keep_theirs()
    {
        var ticks = Tokens(200, differing: 61).Ticks(each: 4, needed: 13);
        Assert.Contains(61, ticks);
        Assert.Contains(199, ticks);
        Assert.DoesNotContain(60, ticks);
        Assert.Equal([0, 5, 10], ticks.Take(3));
        Assert.All(ticks.Zip(ticks.Skip(1)), pair => Assert.True(4 * (pair.Second - pair.First) >= 13));
    }

    [Fact]
    public void Labels_are_counted_from_the_origin() =>
        Assert.Equal([0, 6, 11], (CategoryAxis.Layers(12) with { Step = 1, Origin = 1, Kept = [0] }).Ticks(each: 5, needed: 22));

    [Theory]
    [InlineData(600, new[] { 0, 1, 2, 3, 4, 5, 6 })]
    [InlineData(200, new[] { 0, 1, 3, 4, 6 })]
    [InlineData(100, new[] { 0, 3, 6 })]
    public void Things_with_places_are_labelled_where_they_stand_and_the_kept_ones_stay(double width, int[] ticks)
    {
        var axis = new CategoryAxis("Share", [.. Enumerable.Range(0, 7).Select(i => $"{i} long")]) { Places = [-2, -1.5, -1.2, -1, -0.5, -0.2, 0], Kept = [0, 3, 6] };
        var drawn = axis.Across(width);
        Assert.Equal(ticks.Select(tick => (axis.Place(tick), $"{tick} long")), drawn.Ticks);
        Assert.Equal(-2.08, drawn.Range.Low, 1e-9);
        Assert.Equal(0.08, drawn.Range.High, 1e-9);
    }

    [Theory]
    [InlineData(0, 1, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(-21, 16.3, new[] { -20.0, -10, 0, 10 })]
    [InlineData(0, 0.03, new[] { 0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03 })]
    public void Numbers_have_round_ticks(double low, double high, double[] ticks) =>
        Assert.Equal(ticks, DrawnAxis.OfNumbers("", new(low, high)).Ticks.Select(tick => Math.Round(tick.At, 9)));

    private static CategoryAxis Tokens(int count, int differing)
    {
        int[] ids = [.. Enumerable.Range(0, count)];
        return CategoryAxis.Tokens(new PromptPair(
            null, Prompt.FromIds(ids), Prompt.FromIds([.. ids.Select(id => id == differing ? 1000 : id)]), new(3, null), new(4, null)));
    }
}
