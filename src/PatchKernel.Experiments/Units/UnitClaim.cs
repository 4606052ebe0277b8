namespace PatchKernel.Units;

/// <summary>This process's claim on a unit; its beat goes up until it is disposed.</summary>
internal sealed class UnitClaim : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(8);

    private readonly Func<int, string> place;
    private readonly Func<bool> isDone;
    private readonly int number;
    private readonly ITimer timer;
    private long beat;
    private bool hasEnded;

    /// <param name="place">The file of each claim on the unit.</param>
    /// <param name="number">This one.</param>
    /// <param name="isDone">Whether the unit's rows are published.</param>
    /// <param name="clock">Time as this process sees it.</param>
    public UnitClaim(Func<int, string> place, int number, Func<bool> isDone, TimeProvider clock)
    {
        (this.place, this.number, this.isDone) = (place, number, isDone);
        timer = clock.CreateTimer(_ => Renew(), null, Beat, Beat);
    }

    /// <summary>Whether nobody has made a later claim: only then may the work be published.</summary>
    public bool IsHeld => !File.Exists(place(number + 1));

    /// <summary>Raises the beat.</summary>
    public void Renew()
    {
        lock (timer)
        {
            if (!hasEnded) Write(ClaimOwner.Self with { Beat = ++beat });
        }
    }

    /// <summary>Gives the unit back, unless its rows are published.</summary>
    public void Dispose()
    {
        timer.Dispose();
        lock (timer)
        {
            if (hasEnded) return;
            hasEnded = true;
            if (!isDone()) Write(ClaimOwner.Self with { GaveBack = true });
        }
    }

    private void Write(ClaimOwner owner)
    {
        try
        {
            if (IsHeld && File.Exists(place(number))) AtomicFile.Write(place(number), owner.ToJson());
        }
        catch (PatchKernelException)
        {
            // A full disk or a lost network: the next beat tries again, and the end of the process frees the unit too.
        }
    }
}
