using PatchKernel.Charts;

namespace PatchKernel.Tests;

/// <summary>A broken line keeps to the line, and its dashes and gaps have one length round every corner.</summary>
public sealed class DashTests
{
    [Fact]
    public void Dashes_lie_on_the_line_and_are_as_long_as_its_share()
    {
        double[] values = [0, 1, -2, double.NaN, 3, 3];
        var (x, y) = Dashes.Of([0, 1, 2, 3, 4, 5], values, 40, 30);
        var length = 0.0;
        for (var i = 0; i < x.Length; i += 3)
        {
            Assert.Equal(double.NaN, x[i + 2]);
            foreach (var end in new[] { i, i + 1 })
            {
                var left = Math.Min((int)x[end], values.Length - 2);
                // The end of a part is the beginning of the next, where that has a number.
                if (!double.IsFinite(values[left + 1])) left--;
                Assert.Equal(values[left] + (values[left + 1] - values[left]) * (x[end] - left), y[end], 1e-6);
            }
            length += Math.Sqrt(Math.Pow((x[i + 1] - x[i]) * 40, 2) + Math.Pow((y[i + 1] - y[i]) * 30, 2));
        }
        double whole = Math.Sqrt(40 * 40 + 30 * 30) + Math.Sqrt(40 * 40 + 90 * 90) + 40;
        Assert.InRange(length, (whole - 11) * 6 / 11, (whole + 11) * 6 / 11);
        Assert.Equal(0, x[0]);
        Assert.Empty(Dashes.Of([0], [1], 40, 30).X);
        Assert.Empty(Dashes.Of([], [], 40, 30).X);
    }
}
