namespace PatchKernel.Tables;

/// <summary>Waits for what is only there to be awaited, away from a host's own context, which could wait for this thread.</summary>
internal static class Waiting
{
    public static void For(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();

    public static T For<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();
}
