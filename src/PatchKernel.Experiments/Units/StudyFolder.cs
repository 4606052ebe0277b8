using System.Globalization;
using System.Text.Json;
using PatchKernel.Files;

namespace PatchKernel.Units;

/// <summary>A study's output folder: its record, the units that are done, claims on others, and who ran what.</summary>
internal sealed class StudyFolder
{
    private const string RecordName = "study.json";
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private StudyFolder(string path, StudyRecord record) => (Path, Record) = (path, record);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What was fixed at the first start.</summary>
    public StudyRecord Record { get; }

    /// <summary>Claims on its units.</summary>
    /// <param name="clock">Time as this process sees it.</param>
    public UnitClaims ClaimsBy(TimeProvider clock) => new(Place("claims"), IsDone, clock);

    /// <summary>The units that aren't done.</summary>
    public IReadOnlyList<int> Missing => [.. Enumerable.Range(0, Record.Units).Where(unit => !IsDone(unit))];

    /// <summary>A study's folder.</summary>
    /// <exception cref="PatchKernelException">There is none.</exception>
    public static StudyFolder Open(string path)
    {
        RefuseNone(path);
        var record = System.IO.Path.Combine(path, RecordName);
        return File.Exists(record) ? new(path, StudyRecord.Read(record))
            : throw new PatchKernelException($"'{path}' holds no study: it has no {RecordName}; give the folder that 'experiment run' writes to.");
    }

    /// <summary>The folder for a study: begins it, or goes on where it was left.</summary>
    /// <param name="path">The folder; made if it isn't there.</param>
    /// <param name="wanted">The study that is to run, as it would be begun here and now.</param>
    /// <exception cref="PatchKernelException">It holds another study, other files, or can't be written.</exception>
    public static StudyFolder Begin(string path, StudyRecord wanted)
    {
        var place = System.IO.Path.Combine(path, RecordName);
        Check(path, wanted);
        Make(path);
        if (!File.Exists(place)) Publish(place, wanted.ToJson());
        Check(path, wanted); // another one may have begun it at the same moment
        return Open(path);
    }

    /// <summary>Refuses a folder that a study can't run in: it holds another study, or other files.</summary>
    /// <exception cref="PatchKernelException">It does.</exception>
    public static void Check(string path, StudyRecord wanted)
    {
        RefuseNone(path);
        if (File.Exists(System.IO.Path.Combine(path, RecordName)))
        {
            if (wanted.Difference(Open(path).Record) is { } difference)
                throw new PatchKernelException($"'{path}' holds another study: {difference}; give a new folder, or the study that it was begun with.");
        }
        else if (Entries(path).Any(entry => !IsOurs(entry)))
            throw new PatchKernelException($"'{path}' has other files and holds no study; give a new folder, so that nothing is mixed.");
    }

    /// <summary>The file of a unit's rows.</summary>
    public string Results(int unit) => Place("units", Name(unit) + ".parquet");

    /// <summary>The file of a unit's pairs.</summary>
    public string Pairs(int unit) => Place("units", Name(unit) + ".pairs.parquet");

    /// <summary>Whether a unit's rows are there: the results come last.</summary>
    public bool IsDone(int unit) => File.Exists(Results(unit)) && File.Exists(Pairs(unit));

    /// <summary>Notes when and where something ran: beside the table, so that it doesn't change with that.</summary>
    public void Note(object what)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}.jsonl");
        try
        {
            File.AppendAllText(Place("runs", name), JsonSerializer.Serialize(what, StudyJson.Line) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A note is no reason to stop; what can't be written says so with the next unit's rows.
        }
    }

    /// <summary>Deletes what killed processes left half-written; to be called only when all units are done.</summary>
    public void ClearUp()
    {
        HashSet<string> known = [.. Enumerable.Range(0, Record.Units).SelectMany(unit => new[] { Results(unit), Pairs(unit) })];
        foreach (var file in Directory.EnumerateFiles(Place("units")).Where(file => !known.Contains(file))) File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(Place("claims"))) File.Delete(file);
        // Here somebody else may be writing the same tables now.
        foreach (var file in Directory.EnumerateFiles(Path).Where(file => IsLeft(System.IO.Path.GetFileName(file)) && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Forgotten)) File.Delete(file);
    }

    /// <summary>A place in the folder.</summary>
    public string Place(params ReadOnlySpan<string> names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>Whether an entry belongs to a study: something that its processes make before there is a record, or left when they were killed.</summary>
    private static bool IsOurs(string name) => name is RecordName or "units" or "claims" or "runs" or "submit.sh" or "merge.sh" or "slurm" || IsLeft(name);

    private static bool IsLeft(string name) => name.StartsWith(RecordName + ".", StringComparison.Ordinal) || (name.StartsWith('.') && name.EndsWith(".tmp", StringComparison.Ordinal));

    private static IEnumerable<string> Entries(string path)
    {
        try
        {
            return Directory.Exists(path) ? [.. Directory.EnumerateFileSystemEntries(path).Select(entry => System.IO.Path.GetFileName(entry))] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"The folder '{path}' can't be read: {Reason(path, e)}; give another one.", e);
        }
    }

    // It would be the current folder, and is rather a variable that wasn't set.
    private static void RefuseNone(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new PatchKernelException("There is no folder for the study: the path is empty; give one.");
    }

    private static string Reason(string path, Exception e) => File.Exists(path) ? "it is a file" : e is UnauthorizedAccessException ? "permission denied" : FileFault.Reason(path, e);

    private static string Name(int unit) => unit.ToString("D6", CultureInfo.InvariantCulture);

    private static void Make(string path)
    {
        try
        {
            foreach (var name in (string[])["units", "claims", "runs"]) Directory.CreateDirectory(System.IO.Path.Combine(path, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"The folder '{path}' can't be made: {Reason(path, e)}; give another one.", e);
        }
    }

    /// <summary>Writes a file where there is none: of several processes that begin at once the first one's stays.</summary>
    private static void Publish(string place, byte[] content)
    {
        var beside = FormattableString.Invariant($"{place}.{Environment.MachineName}-{Environment.ProcessId}");
        AtomicFile.Write(beside, content);
        try
        {
            File.Move(beside, place, overwrite: false);
        }
        catch (IOException) when (File.Exists(place))
        {
            File.Delete(beside);
        }
    }
}
