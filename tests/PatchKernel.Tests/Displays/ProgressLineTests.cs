using PatchKernel.Hub;
using PatchKernel.Tests.Hub;
using PatchKernel.Text;

namespace PatchKernel.Tests;

public sealed class ProgressLineTests
{
    private readonly ManualClock clock = new();
    private readonly List<string> drawn = [];
    private readonly ProgressLine line;

    public ProgressLineTests() => line = new ProgressLine("Sweep", changed => drawn.Add(changed.ToString()), clock);

    [Fact]
    public void The_time_left_follows_from_the_time_taken()
    {
        Cells(3, 56);
        Cells(6, 112);
        Cells(12, 224);
        Assert.Equal(["Sweep: 56 of 224 cells, 9.0 s left", "Sweep: 112 of 224 cells, 6.0 s left", "Sweep: 224 cells in 12 s"], drawn);
    }

    [Fact]
    public void It_is_drawn_ten_times_a_second_at_most_and_at_the_end()
    {
        for (var cell = 1; cell <= 224; cell++) Cells(cell / 1000.0, cell);
        Assert.Equal(4, drawn.Count);
        Assert.Equal("Sweep: 224 cells in 0.2 s", drawn[^1]);
    }

    [Fact]
    public void A_second_sweep_begins_anew()
    {
        Cells(10, 224);
        Cells(11, 56);
        Assert.Equal("Sweep: 56 of 224 cells, 3.0 s left", drawn[^1]);
    }

    [Fact]
    public void A_sweep_that_has_begun_has_no_time_left_yet()
    {
        Cells(100_000, 0);
        Assert.Equal("Sweep: 0 of 224 cells", line.ToString());
    }

    [Fact]
    public void The_bar_is_as_long_as_what_is_done()
    {
        Cells(1, 56);
        Assert.Contains("width:25%", line.ToHtml());
        Cells(2, 224);
        Assert.Contains("width:100%", line.ToHtml());
    }

    [Fact]
    public void A_sweep_that_was_stopped_says_so_whatever_it_still_reports()
    {
        Cells(1, 56);
        line.Stop();
        Cells(2, 60);
        Assert.Equal("Sweep: stopped after 56 of 224 cells", drawn[^1]);
        Assert.Contains("Sweep: stopped after 56 of 224 cells", line.ToHtml());
        Cells(10, 0);
        Assert.Equal("Sweep: 0 of 224 cells", drawn[^1]);
    }

    [Fact]
    public void A_download_that_was_stopped_says_how_much_is_there()
    {
        Bytes(1, 0);
        Bytes(2, 25_000_000);
        line.Stop();
        Assert.Equal("a/b: stopped after 25.0 MB of 100.0 MB", drawn[^1]);
    }

    [Fact]
    public void What_has_ended_or_never_begun_cannot_be_stopped()
    {
        line.Stop();
        Cells(12, 224);
        line.Stop();
        Assert.Equal(["Sweep: 224 cells in 12 s"], drawn);
    }

    [Fact]
    public void A_download_says_bytes_speed_time_left_and_file_and_in_the_end_how_long_it_took()
    {
        Bytes(1, 0);
        Bytes(2, 25_000_000);
        Assert.Contains("width:25%", line.ToHtml());
        Assert.Contains("title=\"model.safetensors: 25.0 MB of 100.0 MB, 25.0 MB/s, 3.0 s left\"", line.ToHtml());
        Bytes(5, 100_000_000);
        Assert.Equal(
        [
            "a/b: 0 B of 100.0 MB",
            "a/b: 25.0 MB of 100.0 MB, 25.0 MB/s, 3.0 s left, now model.safetensors",
            "a/b: 100.0 MB complete after 4.0 s",
        ], drawn);
        Assert.DoesNotContain("width:", line.ToHtml().Replace("max-width:", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_everything_is_there_already_nothing_is_shown()
    {
        Bytes(1, 100_000_000);
        Assert.Empty(drawn);
        Assert.Equal("Sweep: nothing yet", line.ToString());
    }

    [Fact]
    public void The_time_counts_from_the_first_bytes_of_each_model()
    {
        Bytes(3, 50_000_000);
        Bytes(4, 100_000_000);
        Bytes(10, 50_000_000, "c/d");
        Bytes(12, 100_000_000, "c/d");
        Assert.Equal("c/d: 100.0 MB complete after 2.0 s", drawn[^1]);
    }

    [Fact]
    public void Names_are_shown_as_text()
    {
        Bytes(1, 0, "<b>");
        Assert.DoesNotContain("<b>", line.ToHtml());
    }

    [Fact]
    public void A_download_from_the_hub_ends_with_all_bytes_and_the_second_time_shows_nothing()
    {
        using var hub = new HubStandIn();
        using var folder = new TemporaryFolder();
        var name = HubName.Parse(HubStandIn.Repository)!;
        ModelHub.Find(name, HubNeed.Weights, hub.Settings(folder.Path), line);
        var bytes = new CacheView(folder.Path).Visible.Sum(file => (long)hub.Files[file].Length);
        Assert.Equal($"{HubStandIn.Repository}: {ByteCount.Text(bytes)} complete after 0.0 s", drawn[^1]);
        Assert.Contains(drawn, text => text.Contains(" of ", StringComparison.Ordinal));

        drawn.Clear();
        ModelHub.Find(name, HubNeed.Weights, hub.Settings(folder.Path), line);
        Assert.Empty(drawn);
    }

    [Fact]
    public void Outside_a_notebook_nothing_is_shown_and_nothing_cancelled()
    {
        var hidden = Notebook.Progress();
        hidden.Report(new SweepProgress(1, 2));
        Assert.StartsWith("Sweep: 1 of 2 cells", hidden.ToString());
        Notebook.Downloads().Report(new DownloadProgress("a/b", 1, 2, 0, []));
        Assert.False(Notebook.Cancellation.CanBeCanceled);
    }

    private void Cells(double seconds, int done)
    {
        clock.Now = TimeSpan.FromSeconds(seconds);
        line.Report(new SweepProgress(done, 224));
    }

    private void Bytes(double seconds, long bytes, string model = "a/b")
    {
        clock.Now = TimeSpan.FromSeconds(seconds);
        var speed = bytes == 0 ? 0 : 25_000_000;
        line.Report(new DownloadProgress(model, bytes, 100_000_000, speed, [new("model.safetensors", bytes, 100_000_000, speed)]));
    }
}
