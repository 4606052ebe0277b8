namespace PatchKernel.Tables;

/// <summary>Runs asynchronous work to its end on another thread: in a host's own context, which may be waiting for this thread, it could wait for ever.</summary>
internal static class Waiting
{
    public static void For(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();

    public static T For<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();
}
