using PatchKernel.Tests.Hub;

namespace PatchKernel.Tests;

public sealed class DownloadLineTests
{
    private readonly ManualClock clock = new();
    private readonly List<string> drawn = [];
    private readonly DownloadLine line;

    public DownloadLineTests() => line = new DownloadLine(changed => drawn.Add(changed.ToString()), clock);

    [Fact]
    public void It_says_bytes_speed_time_left_and_file_and_in_the_end_how_long_it_took()
    {
        At(1, 0);
        At(2, 25_000_000);
        Assert.Contains("width:25%", line.ToHtml());
        Assert.Contains("title=\"model.safetensors: 25.0 MB of 100.0 MB, 25.0 MB/s, 3.0 s left\"", line.ToHtml());
        At(5, 100_000_000);
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
        At(1, 100_000_000);
        Assert.Empty(drawn);
        Assert.Equal("nothing downloaded", line.ToString());
    }

    [Fact]
    public void The_time_counts_from_the_first_bytes_of_each_model()
    {
        At(3, 50_000_000);
        At(4, 100_000_000);
        At(10, 50_000_000, "c/d");
        At(12, 100_000_000, "c/d");
        Assert.Equal("c/d: 100.0 MB complete after 2.0 s", drawn[^1]);
    }

    [Fact]
    public void Names_are_shown_as_text()
    {
        At(1, 0, "<b>");
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
    public void Outside_a_notebook_nothing_is_shown()
    {
        var hidden = Notebook.Downloads();
        hidden.Report(new DownloadProgress("a/b", 1, 2, 0, []));
        Assert.Equal("a/b: 1 B of 2 B", hidden.ToString());
    }

    private void At(double seconds, long bytes, string model = "a/b")
    {
        clock.Now = TimeSpan.FromSeconds(seconds);
        var speed = bytes == 0 ? 0 : 25_000_000;
        line.Report(new DownloadProgress(model, bytes, 100_000_000, speed, [new("model.safetensors", bytes, 100_000_000, speed)]));
    }
}
