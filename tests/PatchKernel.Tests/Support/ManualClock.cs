namespace PatchKernel.Tests;

/// <summary>A clock that stands until a test sets it.</summary>
internal sealed class ManualClock : TimeProvider
{
    public TimeSpan Now { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;
}
