namespace PatchKernel.Tests;

public sealed class SweepBarTests
{
    private readonly ManualClock clock = new();
    private readonly List<string> drawn = [];
    private readonly SweepBar bar;

    public SweepBarTests() => bar = new SweepBar("Sweep", changed => drawn.Add(changed.ToString()), clock);

    [Fact]
    public void The_time_left_follows_from_the_time_taken()
    {
        At(3, 56);
        At(6, 112);
        At(12, 224);
        Assert.Equal(["Sweep: 56 of 224 cells, 9.0 s left", "Sweep: 112 of 224 cells, 6.0 s left", "Sweep: 224 cells in 12 s"], drawn);
    }

    [Fact]
    public void It_is_drawn_ten_times_a_second_at_most_and_at_the_end()
    {
        for (var cell = 1; cell <= 224; cell++) At(cell / 1000.0, cell);
        Assert.Equal(4, drawn.Count);
        Assert.Equal("Sweep: 224 cells in 0.2 s", drawn[^1]);
    }

    [Fact]
    public void A_second_sweep_begins_anew()
    {
        At(10, 224);
        At(11, 56);
        Assert.Equal("Sweep: 56 of 224 cells, 3.0 s left", drawn[^1]);
    }

    [Fact]
    public void The_bar_is_as_long_as_what_is_done()
    {
        At(1, 56);
        Assert.Contains("width:25%", bar.ToHtml());
    }

    [Fact]
    public void Outside_a_notebook_nothing_is_shown_and_nothing_cancelled()
    {
        var hidden = Notebook.Progress();
        hidden.Report(new SweepProgress(1, 2));
        Assert.StartsWith("Sweep: 1 of 2 cells", hidden.ToString());
        Assert.False(Notebook.Cancellation.CanBeCanceled);
    }

    private void At(double seconds, int done)
    {
        clock.Now = TimeSpan.FromSeconds(seconds);
        bar.Report(new SweepProgress(done, 224));
    }
}
