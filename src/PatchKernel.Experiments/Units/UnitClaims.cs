using PatchKernel.Files;

namespace PatchKernel.Units;

/// <summary>Claims on a study's units: files that only one process can make.</summary>
/// <remarks>
/// No lock of the file system is asked for, since network file systems may have none. A claim has a number; whoever finds one whose owner is dead makes the next, which
/// again only one can. An owner lets its claim's beat go up; a claim is dead where the beat has stood still for a while by the reader's own clock, or at once where
/// the owner was a process of this machine that is there no longer. Claims stay until all units are done, given back, dead or published, so that nobody counts from 1 again:
/// a network file system may show what was published half a minute late, and refuses a second file of one name at once.
/// </remarks>
/// <param name="folder">Where claims are.</param>
/// <param name="isDone">Whether a unit's rows are published.</param>
/// <param name="clock">Time as this process sees it.</param>
internal sealed class UnitClaims(string folder, Func<int, bool> isDone, TimeProvider clock)
{
    /// <summary>How long a beat may stand still.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private const int Exists = 17;
    private const int ExistsOnWindows = unchecked((int)0x80070050);

    private readonly Dictionary<int, Seen> seen = [];

    /// <summary>Claims a unit.</summary>
    /// <returns>The claim, or null where another process has it or the unit is done.</returns>
    /// <exception cref="PatchKernelException">The claim can't be written.</exception>
    public UnitClaim? Try(int unit)
    {
        var newest = Newest(unit);
        if (newest > 0 && !IsFree(unit, Place(unit, newest))) return null;
        if (!Make(Place(unit, newest + 1))) return null; // another one was faster
        seen.Remove(unit);
        var claim = new UnitClaim(number => Place(unit, number), newest + 1, () => isDone(unit), clock);
        if (!isDone(unit)) return claim;
        claim.Dispose(); // since it was looked for
        return null;
    }

    /// <summary>Whether some process that may be alive has a unit.</summary>
    public bool IsClaimed(int unit) => Newest(unit) is > 0 and var newest && ClaimOwner.Read(Place(unit, newest)) is not { IsGone: true };

    private int Newest(int unit)
    {
        var newest = 0;
        while (File.Exists(Place(unit, newest + 1))) newest++;
        return newest;
    }

    private bool IsFree(int unit, string path)
    {
        var owner = ClaimOwner.Read(path);
        if (owner is { IsGone: true }) return true;
        var now = clock.GetTimestamp();
        if (seen.TryGetValue(unit, out var last) && last.Path == path && last.Owner == owner) return clock.GetElapsedTime(last.Since, now) > Patience;
        seen[unit] = new(path, owner, now);
        return false;
    }

    private string Place(int unit, int number) => Path.Combine(folder, FormattableString.Invariant($"{unit:D6}.{number}"));

    /// <summary>Makes a file where there is none.</summary>
    private static bool Make(string path)
    {
        var made = false;
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            made = true;
            file.Write(ClaimOwner.Self.ToJson());
            return true;
        }
        catch (IOException e) when (!made && (e.HResult is Exists or ExistsOnWindows || File.Exists(path)))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (made) File.Delete(path); // on a full disk it would stand for a process that never was
            throw new PatchKernelException($"Cannot write '{path}': {FileFault.Reason(path, e)}.", e);
        }
    }

    /// <summary>A claim as it was last seen to change.</summary>
    private sealed record Seen(string Path, ClaimOwner? Owner, long Since);
}
