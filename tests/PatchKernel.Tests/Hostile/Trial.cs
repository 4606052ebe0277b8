using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;

namespace PatchKernel.Tests.Hostile;

/// <summary>Opens what somebody else wrote as a user would, on a thread of its own, and holds it to the limits.</summary>
/// <remarks>
/// Memory is all that the thread allocates, what it lets go of included: no less than what it has at any time. Where that is too much, it is opened once more,
/// and what is in use is looked at all the while. What tensors hold outside .NET's heap isn't in it; they are made for weights whose bytes are in the file.
/// </remarks>
internal static partial class Trial
{
    private const long MostMemory = 64 << 20;
    private const int LongestSentence = 2000; // lists of tensors are the longest
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How often each property is tried: PATCHKERNEL_HOSTILE, or some hundreds.</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("PATCHKERNEL_HOSTILE"), out var count) ? count : 400;

    /// <summary>The sentence with which something is refused, or null where it went well.</summary>
    /// <param name="path">What the sentence must name.</param>
    /// <param name="bytes">The file's size.</param>
    /// <param name="open">Opens it and checks the result.</param>
    public static string? Refusal(string path, long bytes, Action open)
    {
        Exception? error = null;
        var allocated = 0L;
        var thread = Start(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            error = Record.Exception(open);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.True(thread.Join(Patience), "It isn't done after ten seconds.");
        if (error is not null and not PatchKernelException) ExceptionDispatchInfo.Throw(error);
        // What opens keeps something of each entry, and a list of short tokens is mostly entries: 200,000 of 32 bytes take twelve times as much.
        var most = MostMemory + ((error is null ? 8 : 2) * bytes);
        if (allocated > most && MostInUse(open) is var used) Assert.True(used <= most, $"{used} bytes were in use for a file of {bytes}: {error?.Message}");
        if (error is not null) CheckSentence(error.Message, path);
        return error?.Message;
    }

    private static Thread Start(Action run)
    {
        var thread = new Thread(() => run()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>The most that was in use at one time, by one full collection after the other.</summary>
    private static long MostInUse(Action open)
    {
        var (before, most) = (InUse(), 0L);
        var thread = Start(() => Record.Exception(open));
        while (!thread.Join(TimeSpan.FromMilliseconds(5))) most = Math.Max(most, InUse() - before);
        return most;
    }

    private static long InUse()
    {
        GC.Collect();
        var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return heap.HeapSizeBytes - heap.FragmentedBytes;
    }

    /// <summary>Passes where it is one sentence for a user that names the file, where there is one.</summary>
    public static void CheckSentence(string message, string path = "")
    {
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.True(message.Length <= LongestSentence, $"{message.Length} characters: {message}");
        Assert.True(!message.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029'), $"Control characters: {message}");
        var own = Quoted().Replace(path.Length == 0 ? message : message.Replace(path, "", StringComparison.Ordinal), "");
        Assert.False(Foreign().IsMatch(own), $"No sentence for a user: {message}");
        Assert.False(SecondSentence().IsMatch(own), $"More than one sentence: {message}");
    }

    // The mark in "can't" opens no quotation.
    [GeneratedRegex("\"[^\"]*\"|(?<!\\w)'[^']*'|\"[^\"]*…|\\(.*\\)")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\bSystem\.|Exception|   at |Microsoft\.|Parameter '")]
    private static partial Regex Foreign();

    [GeneratedRegex(@"[.!?] +[A-Z]")]
    private static partial Regex SecondSentence();
}
