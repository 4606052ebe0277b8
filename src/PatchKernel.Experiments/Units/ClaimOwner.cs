using System.ComponentModel;
using System.Globalization;
using System.Text.Json;

namespace PatchKernel.Units;

/// <summary>What a claim's file says: who has the unit.</summary>
/// <param name="Host">The machine, for people.</param>
/// <param name="Machine">The machine since it was started, and the space that process numbers count in.</param>
/// <param name="Process">The process.</param>
/// <param name="Started">When it was started, by the system's own count: a number may be given to another process later.</param>
/// <param name="Beat">Goes up as long as the owner lives.</param>
internal sealed record ClaimOwner(string Host, string Machine, int Process, string Started, long Beat)
{
    /// <summary>Whether the owner has given the unit back.</summary>
    public bool GaveBack { get; init; }

    /// <summary>This process.</summary>
    public static ClaimOwner Self { get; } = new(Environment.MachineName, ThisMachine(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? "", 0);

    /// <summary>Whether it is certain that nobody has the unit: it was given back, or its owner was a process of this machine that is there no longer.</summary>
    public bool IsGone => GaveBack || (Machine == Self.Machine && StartOf(Process) != Started);

    /// <summary>Reads a claim; null where it is being written, or gone.</summary>
    public static ClaimOwner? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ClaimOwner>(File.ReadAllBytes(path), StudyJson.Line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The file's content.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StudyJson.Line);

    /// <summary>When a process was started; null where there is none that this one can see.</summary>
    private static string? StartOf(int process)
    {
        try
        {
            // .NET's own start time goes by the wall clock, which may be set: two processes could read two times.
            if (OperatingSystem.IsLinux()) return Ticks(File.ReadAllText($"/proc/{process}/stat"));
            using var running = System.Diagnostics.Process.GetProcessById(process);
            return running.StartTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    // Behind the program's name, which may have anything in it, the state is the first field and the start the twentieth. A zombie has ended.
    private static string? Ticks(string stat) => stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is [not ("Z" or "X"), ..] fields ? fields[19] : null;

    // Containers of one host have several spaces of process numbers.
    private static string ThisMachine() => string.Join(' ', Environment.MachineName, FirstLine("/proc/sys/kernel/random/boot_id"), Linked("/proc/self/ns/pid"));

    private static string FirstLine(string path) => File.Exists(path) ? File.ReadLines(path).FirstOrDefault() ?? "" : "";

    private static string Linked(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
