using System.Globalization;

namespace PatchKernel.Tests.Hub;

public sealed class DownloadProgressTests
{
    [Fact]
    public void A_report_is_one_line_with_bytes_speed_and_time_left_in_any_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ";" } };
        try
        {
            var report = new DownloadProgress("a/b", 500_000_000, 2_471_645_608, 12_500_000, [new("x", 1, 2, 0), new("y", 2, 2, 0)]);
            Assert.Equal("a/b: 500.0 MB of 2.47 GB, 12.5 MB/s, 2.6 min left, now x", report.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(0, 100, 0, "a/b: 0 B of 100 B")]
    [InlineData(100, 100, 10, "a/b: 100 B of 100 B, 10 B/s")]
    [InlineData(0, 54_000_000, 10_000, "a/b: 0 B of 54.0 MB, 10.0 kB/s, 90.0 min left")]
    public void What_isnt_known_is_left_out(long bytes, long total, double speed, string expected) =>
        Assert.Equal(expected, new DownloadProgress("a/b", bytes, total, speed, []).ToString());

    [Fact]
    public void Of_several_files_at_once_their_number_is_said()
    {
        FileProgress[] files = [new("x", 1, 2, 0), new("y", 1_000, 54_000_000, 10_000), new("z", 0, 2, 0)];
        Assert.EndsWith(", now 2 of 3 files", new DownloadProgress("a/b", 1, 100, 0, files).ToString());
        Assert.Equal("y: 1.0 kB of 54.0 MB, 10.0 kB/s, 90.0 min left", files[1].ToString());
    }

    [Fact]
    public void Time_left_is_the_rest_at_the_present_speed()
    {
        Assert.Null(new FileProgress("x", 1, 5, 0).TimeLeft);
        Assert.Equal(TimeSpan.FromSeconds(2), new FileProgress("x", 1, 5, 2).TimeLeft);
    }
}
