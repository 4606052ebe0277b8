using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using PatchKernel.Json;

namespace PatchKernel.Units;

/// <summary>What <c>study.json</c> of an output folder fixes at the first start: all that decides a number, and how the work is cut.</summary>
internal sealed record StudyRecord
{
    public const string Format = "patchkernel/study";
    public const int Version = 1;

    private const string DeviceField = "device"; // what it came to stands with the models

    /// <summary>The study, field by field.</summary>
    public required JsonObject Study { get; init; }

    /// <summary>The data file, its hash, and how many rows were taken and left out.</summary>
    public required DataFacts Data { get; init; }

    /// <summary>The models, in the order in which they run.</summary>
    public required IReadOnlyList<ModelFacts> Models { get; init; }

    /// <summary>Pairs in a unit.</summary>
    public required int PairsPerUnit { get; init; }

    /// <summary>The version of the program that wrote it.</summary>
    public string Program { get; init; } = typeof(StudyRecord).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The version of libtorch that it computes with.</summary>
    public string Torch { get; init; } = TorchSharp.torch.__version__;

    /// <summary>The command line of the first start.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Units of one model.</summary>
    public int UnitsPerModel => (Data.Rows - 1) / PairsPerUnit + 1;

    /// <summary>Units of all models.</summary>
    public int Units => UnitsPerModel * Models.Count;

    /// <summary>A unit's model and pairs.</summary>
    public (int Model, int From, int To) Unit(int unit)
    {
        var (model, part) = Math.DivRem(unit, UnitsPerModel);
        return (model, part * PairsPerUnit, Math.Min(Data.Rows, (part + 1) * PairsPerUnit));
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or a newer version wrote it.</exception>
    public static StudyRecord Read(string path) => JsonFile.Read(path, json =>
    {
        var root = new JsonPart("study record", path, json);
        if (root.Find("format")?.Text() != Format) throw new PatchKernelException($"'{path}' is no record of a study: its \"format\" should be \"{Format}\".");
        if (root.Require("version").Whole(1, int.MaxValue) is > Version and var version)
            throw new PatchKernelException($"'{path}': version {version} is newer than this program's {Version}; update PatchKernel.");
        try
        {
            var record = json.Deserialize<Stored>(StudyJson.Indented)!.Record;
            _ = record.Study.ToJsonString(); // reads its texts, which may not be valid Unicode
            return record.Wrong is { } wrong ? throw new JsonException(null, $"$.record.{wrong}", null, null) : record;
        }
        catch (JsonException e)
        {
            throw new PatchKernelException($"'{path}' is broken: {e.Path} isn't what belongs there; put the file back as it was, or begin anew in another folder.", e);
        }
    });

    /// <summary>The file's content.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(new Stored(Format, Version, this), StudyJson.Indented), (byte)'\n'];

    /// <summary>What differs in another record, so that its folder can't be gone on with; null where nothing that decides a number does.</summary>
    public string? Difference(StudyRecord other)
    {
        foreach (var (field, value) in Study)
            if (field != DeviceField && !JsonNode.DeepEquals(value, other.Study[field])) return $"there \"{field}\" is {other.Study[field]?.ToJsonString() ?? "left out"}, and here {value?.ToJsonString() ?? "left out"}";
        if (Data.Hash != other.Data.Hash) return $"the data file has changed since, or is another: its hash was {other.Data.Hash[..12]}… and is {Data.Hash[..12]}…";
        if (Data.Rows != other.Data.Rows) return $"it took {other.Data.Rows} rows of the data, and this one takes {Data.Rows}";
        foreach (var (mine, its) in Models.Zip(other.Models))
        {
            if (mine.DeviceKind != its.DeviceKind) return $"{mine.Name} ran on {its.DeviceKind}, and would run on {mine.DeviceKind} now (--device chooses), which rounds otherwise";
            if (mine.Weights != its.Weights || mine.Config != its.Config) return $"the model {mine.Name} has other files now than it had";
        }
        return null;
    }

    /// <summary>SHA-256 in hexadecimal letters.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The data file.</summary>
    public sealed record DataFacts(string File, string Hash, int Rows, int Skipped);

    /// <summary>A model, and how it runs here.</summary>
    public sealed record ModelFacts(string Name, string Location, string? Commit, string Config, string Weights, string Device, int Threads, string Residency, long Memory)
    {
        /// <summary>What computes, whatever its number: <c>cpu</c> or <c>cuda</c>.</summary>
        internal string DeviceKind => Device.Split(':', ',')[0];
    }

    /// <summary>The first field that no study can have; null where all are right.</summary>
    private string? Wrong => PairsPerUnit < 1 ? "pairs_per_unit"
        : Data.Rows < 1 ? "data.rows"
        : Data.Hash.Length != 2 * SHA256.HashSizeInBytes ? "data.hash"
        : Models.Count == 0 || Models.Any(model => model is null) ? "models"
        : null;

    private sealed record Stored(string Format, int Version, StudyRecord Record);
}
