using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PatchKernel.Hub;

namespace PatchKernel.Tests.Hub;

/// <summary>A stand-in for the hub that speaks its protocol, and for the second host to which it sends those who want large files.</summary>
/// <remarks>Requests and headers are those that Python's huggingface_hub and the hub exchange: revision, tree in pages, resolve with ETag or X-Linked-*.</remarks>
internal sealed class HubStandIn : IDisposable
{
    public const string Repository = "patchkernel/tiny-sharded";
    public const string Commit = "552ef87e8e3913b423160600a65e7117c6330d2c";
    private const int PageSize = 3;

    private readonly StandInServer hub;
    private readonly StandInServer second;

    /// <summary>Serves a repository with the given files.</summary>
    public HubStandIn(IReadOnlyDictionary<string, byte[]> files)
    {
        Files = new(files);
        second = new StandInServer("files", Answer);
        hub = new StandInServer("hub", Answer);
    }

    /// <summary>Serves the tests' sharded checkpoint, among files that nobody needs.</summary>
    public HubStandIn() : this(TinyFiles()) { }

    public string Endpoint => hub.Address;

    /// <summary>Bytes of endless answers that were sent so far.</summary>
    public long Sent => hub.Sent;

    /// <summary>The repository's files, to be changed at will.</summary>
    public Dictionary<string, byte[]> Files { get; }

    /// <summary>All requests in the order in which they came.</summary>
    public ConcurrentQueue<StandInRequest> Requests { get; } = new();

    /// <summary>Sees each request first, and may answer in the stand-in's place.</summary>
    public Func<StandInRequest, StandInAnswer?>? Instead { get; set; }

    /// <summary>Sees each answer, and may change it.</summary>
    public Func<StandInRequest, StandInAnswer, StandInAnswer>? Change { get; set; }

    /// <summary>The large files, which the second host serves.</summary>
    public IEnumerable<string> LargeFiles => Files.Keys.Where(IsLarge);

    /// <summary>The files of the tests' sharded checkpoint, a readme, and a pickle.</summary>
    public static Dictionary<string, byte[]> TinyFiles()
    {
        var folder = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");
        var files = Directory.EnumerateFiles(folder)
            .Where(path => !Path.GetFileName(path).StartsWith("golden", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
        files["README.md"] = "# tiny\n"u8.ToArray();
        files["original/consolidated.00.pth"] = "not wanted"u8.ToArray();
        files["pytorch_model.bin"] = "0123456789"u8.ToArray();
        return files;
    }

    /// <summary>Settings of a client of this stand-in.</summary>
    public HubSettings Settings(string cache, string? token = "hf_secret", TimeProvider? clock = null, bool offline = false, bool links = true) => new()
    {
        Endpoint = Endpoint,
        CacheFolder = cache,
        Token = token,
        Clock = clock ?? new InstantClock(),
        Offline = offline,
        Links = links,
    };

    public static bool IsLarge(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".pth", StringComparison.Ordinal);

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string GitHash(byte[] bytes) => Sha1([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]);

    private static string Sha1(byte[] bytes) => Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, bytes));

    public void Dispose()
    {
        hub.Dispose();
        second.Dispose();
    }

    private StandInAnswer Answer(StandInRequest request)
    {
        Requests.Enqueue(request);
        var answer = Instead?.Invoke(request) ?? Usual(request);
        return Change?.Invoke(request, answer) ?? answer;
    }

    private StandInAnswer Usual(StandInRequest request)
    {
        var path = request.Target.Split('?')[0];
        if (request.Host == "files") return Part(Files[Uri.UnescapeDataString(path[1..])], request.From);
        if (path == $"/api/models/{Repository}/revision/main" || path == $"/api/models/{Repository}/revision/{Commit}")
            return StandInAnswer.Text(200, JsonSerializer.Serialize(new { id = Repository, sha = Commit }));
        if (path.StartsWith($"/api/models/{Repository}/revision/", StringComparison.Ordinal))
            return StandInAnswer.Text(404, """{"error":"Invalid rev id"}""", ("X-Error-Code", "RevisionNotFound"));
        if (path == $"/api/models/{Repository}/tree/{Commit}") return Page(request.Target);
        var resolve = $"/{Repository}/resolve/{Commit}/";
        if (!path.StartsWith(resolve, StringComparison.Ordinal)) return StandInAnswer.Text(401, "", ("X-Error-Message", "Invalid username or password."));
        var file = Uri.UnescapeDataString(path[resolve.Length..]);
        return Files.TryGetValue(file, out var bytes) ? Resolve(file, bytes, request.From) : StandInAnswer.Text(404, "", ("X-Error-Code", "EntryNotFound"));
    }

    private StandInAnswer Resolve(string file, byte[] bytes, long from)
    {
        if (!IsLarge(file)) return Part(bytes, from, ("ETag", $"\"{GitHash(bytes)}\""), ("X-Repo-Commit", Commit));
        return StandInAnswer.Text(302, "", ("Location", $"{second.Address}/{file}"), ("X-Linked-Etag", $"\"{Sha256(bytes)}\""),
            ("X-Linked-Size", $"{bytes.Length}"), ("X-Repo-Commit", Commit));
    }

    private static StandInAnswer Part(byte[] bytes, long from, params (string, string)[] headers) => from switch
    {
        0 => new(200, bytes, [.. headers, ("Accept-Ranges", "bytes")]),
        _ when from >= bytes.Length => StandInAnswer.Text(416, "", ("Content-Range", $"bytes */{bytes.Length}")),
        _ => new(206, bytes[(int)from..], [.. headers, ("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}")]),
    };

    private StandInAnswer Page(string target)
    {
        var start = target.Split("&cursor=") is [_, var cursor] ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        var names = Files.Keys.Order(StringComparer.Ordinal).ToList();
        var entries = names.Skip(start).Take(PageSize).Select(Entry).Append(start == 0 ? """{"type":"directory","oid":"0","size":0,"path":"original"}""" : null);
        var body = $"[{string.Join(',', entries.OfType<string>())}]";
        var next = $"<{hub.Address}{target.Split("&cursor=")[0]}&cursor={start + PageSize}>; rel=\"next\"";
        return StandInAnswer.Text(200, body, start + PageSize < names.Count ? [("Link", next)] : []);
    }

    private string Entry(string name)
    {
        var bytes = Files[name];
        if (!IsLarge(name)) return JsonSerializer.Serialize(new { type = "file", oid = GitHash(bytes), size = bytes.Length, path = name });
        var sha = Sha256(bytes);
        return JsonSerializer.Serialize(new
        {
            type = "file",
            oid = Sha1(Encoding.ASCII.GetBytes(name)), // as in the golden cache
            size = bytes.Length,
            path = name,
            lfs = new { oid = sha, size = bytes.Length, pointerSize = 134 },
        });
    }
}

/// <summary>A clock whose waits end at once, and that remembers how long they should have been; a second passes whenever it is looked at.</summary>
internal sealed class InstantClock : TimeProvider
{
    private long looks;

    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override long GetTimestamp() => Interlocked.Increment(ref looks) * TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero) Waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
