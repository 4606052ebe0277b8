namespace PatchKernel.TrainMini;

/// <summary>Threads that do their share of the same work at the same time, each with one torch thread.</summary>
/// <remarks>On matrices as small as these, two halves of a batch side by side beat two threads inside every operation.</remarks>
internal sealed class Workers : IDisposable
{
    private readonly Barrier barrier;
    private readonly Thread[] threads;
    private readonly Exception?[] failures;
    private Action<int>? work;

    public Workers(int count)
    {
        barrier = new Barrier(count + 1);
        failures = new Exception?[count];
        threads = [.. Enumerable.Range(0, count).Select(worker => new Thread(() => Loop(worker)) { IsBackground = true })];
        foreach (var thread in threads) thread.Start();
    }

    /// <summary>Runs the work once on each thread, with that thread's number, and waits for all.</summary>
    public void Run(Action<int> share)
    {
        work = share;
        barrier.SignalAndWait();
        barrier.SignalAndWait();
        if (failures.OfType<Exception>().FirstOrDefault() is { } failure) throw new InvalidOperationException($"A training thread failed: {failure.Message}", failure);
    }

    public void Dispose()
    {
        work = null;
        barrier.SignalAndWait();
        foreach (var thread in threads) thread.Join();
        barrier.Dispose();
    }

    private void Loop(int worker)
    {
        // Threads that first compute later start with the last number set, so it is put back.
        var before = TorchSharp.torch.get_num_threads();
        TorchSharp.torch.set_num_threads(1);
        while (true)
        {
            barrier.SignalAndWait();
            if (work is not { } share) break;
            try
            {
                share(worker);
            }
            catch (Exception failure)
            {
                failures[worker] = failure;
            }
            barrier.SignalAndWait();
        }
        TorchSharp.torch.set_num_threads(before);
    }
}
