namespace PatchKernel.Notebooks;

/// <summary>Ctrl+C and its like: what they stop first, and what they end.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource end = new();
    private Func<bool>? first;

    /// <summary>Tripped when the command is to end.</summary>
    public CancellationToken End => end.Token;

    /// <summary>Whether being told to end is how the command ends, and no failure.</summary>
    public bool AreItsEnd { get; set; }

    /// <summary>Something smaller to stop, which says whether there was anything; until it is disposed.</summary>
    public IDisposable BeforeEnd(Func<bool> stop)
    {
        first = stop;
        return new Restore(this);
    }

    /// <summary>One more Ctrl+C.</summary>
    /// <returns>Whether it was taken; false lets the system end the process.</returns>
    public bool Interrupt()
    {
        if (first?.Invoke() == true) return true;
        return Terminate();
    }

    /// <summary>A signal to end.</summary>
    /// <returns>Whether it was taken; false lets the system end the process.</returns>
    public bool Terminate()
    {
        var taken = !end.IsCancellationRequested;
        end.Cancel();
        return taken;
    }

    public void Dispose() => end.Dispose();

    private sealed class Restore(Interrupts interrupts) : IDisposable
    {
        public void Dispose() => interrupts.first = null;
    }
}
