using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using PatchKernel.Costs;
using PatchKernel.Text;
using PatchKernel.Torch;

namespace PatchKernel;

/// <summary>Measures what this process computes and reads from now on; <see cref="SweepCost"/> plans the same.</summary>
/// <remarks>It listens to .NET's meter <c>PatchKernel</c>, which other tools can do too: <c>dotnet-counters monitor --counters PatchKernel</c>.</remarks>
public sealed partial class WorkMeter : IDisposable
{
    private readonly MeterListener listener = new();
    private long flop;
    private long bytesRead;
    private long first;
    private long last;

    /// <summary>Starts measuring.</summary>
    public WorkMeter()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == Instruments.MeterName) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();
    }

    /// <summary>Floating-point operations of matrix products, two a multiply-add.</summary>
    public long Flop => Interlocked.Read(ref flop);

    /// <summary>Bytes of weights read from files; a file that the system holds in memory counts like any other.</summary>
    public long BytesRead => Interlocked.Read(ref bytesRead);

    /// <summary>From the first matrix product to the last.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(first, last);

    /// <summary>The most memory, in bytes, that the process has had, with its libraries' code; 0 where the system doesn't say.</summary>
    public static long PeakMemory
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Stops measuring; the numbers stay.</summary>
    public void Dispose() => listener.Dispose();

    /// <summary>Work, time, memory and reading, on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{FlopCount.Text(Flop)} in {Elapsed.TotalSeconds:0.0#} s{(PeakMemory > 0 ? $", {ByteCount.Text(PeakMemory)} of memory at most" : "")}, {ByteCount.Text(BytesRead)} read");

    private void Add(Instrument instrument, long value)
    {
        if (instrument == Instruments.BytesRead) Interlocked.Add(ref bytesRead, value);
        if (instrument != Instruments.Flop) return;
        Interlocked.Add(ref flop, value);
        last = Stopwatch.GetTimestamp();
        Interlocked.CompareExchange(ref first, last, 0);
    }
}
