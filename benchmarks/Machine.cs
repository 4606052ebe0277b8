using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace PatchKernel.Benchmarks;

/// <summary>What this machine can do, measured in this process.</summary>
internal static partial class Machine
{
    /// <summary>Rows, inputs and outputs of the products whose best rate counts as the machine's peak.</summary>
    public static IReadOnlyList<(int Rows, int In, int Out)> PeakShapes { get; } = [(1024, 2048, 2048), (1024, 2048, 8192), (2048, 4096, 4096)];

    /// <summary>The best rate of the stated products, in floating-point operations a second.</summary>
    public static double Peak(torch.ScalarType dtype) => PeakShapes.Max(shape => Rate(dtype, shape.Rows, shape.In, shape.Out));

    /// <summary>How many MB the process grew by at its largest while it did something; null where the system doesn't tell.</summary>
    public static double? Growth(Action action)
    {
        if (!OperatingSystem.IsLinux())
        {
            action();
            return null;
        }
        _ = Trim(0); // what earlier runs freed would hide what this one needs
        File.WriteAllText("/proc/self/clear_refs", "5"); // the peak counts from here on
        var before = Status("VmRSS");
        action();
        return (Status("VmHWM") - before) / 1024.0;
    }

    /// <summary>Anonymous memory of the process in MB: a mapped file's pages don't count.</summary>
    public static double AnonymousMb() => Status("RssAnon") / 1024.0;

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);

    private static double Rate(torch.ScalarType dtype, int rows, int inputs, int outputs)
    {
        using var scope = torch.NewDisposeScope();
        var (left, right) = (torch.rand(rows, inputs).to(dtype), torch.rand(outputs, inputs).to(dtype));
        var best = double.MaxValue;
        for (var run = 0; run < 6; run++)
        {
            using var runScope = torch.NewDisposeScope();
            var watch = Stopwatch.StartNew();
            torch.nn.functional.linear(left, right);
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }
        return 2.0 * rows * inputs * outputs / best;
    }

    private static double Status(string key) => double.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(key + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
