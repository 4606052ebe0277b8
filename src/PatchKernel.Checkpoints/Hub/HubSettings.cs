using System.Text.RegularExpressions;
using PatchKernel.Files;

namespace PatchKernel.Hub;

/// <summary>The hub's address, the cache's folder and the user's token, read from the environment as Python's tools do.</summary>
/// <remarks>No record: nothing may print the token.</remarks>
internal sealed partial class HubSettings
{
    private static readonly string[] True = ["1", "ON", "YES", "TRUE"];

    /// <summary>The hub, without a slash at its end: HF_ENDPOINT.</summary>
    public string Endpoint { get; init; } = "https://huggingface.co";

    /// <summary>The folder of all models: HF_HUB_CACHE, else hub/ in HF_HOME.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>The user's token, or null: HF_TOKEN, else the file that HF_TOKEN_PATH names, else token in HF_HOME.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the hub may not be asked: HF_HUB_OFFLINE.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether snapshots are made of links: not with HF_HUB_DISABLE_SYMLINKS.</summary>
    public bool Links { get; init; } = true;

    /// <summary>How long the hub may be silent before the connection counts as broken.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock of delays between tries, and of the speed.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Reads a variable; by default the process's own.</param>
    /// <exception cref="PatchKernelException">HF_ENDPOINT is no address, or the token none that can be sent.</exception>
    public static HubSettings FromEnvironment(Func<string, string?>? variable = null)
    {
        string? Read(string name) => (variable ?? Environment.GetEnvironmentVariable)(name) is { Length: > 0 } value ? value : null;
        string? Folder(string name) => Read(name) is { } path ? Expand(path, Read) : null;
        var home = Folder("HF_HOME") ?? Path.Combine(Folder("XDG_CACHE_HOME") ?? Path.Combine(UserFolder, ".cache"), "huggingface");
        var tokenFile = Folder("HF_TOKEN_PATH") ?? Path.Combine(home, "token");
        return new HubSettings
        {
            Endpoint = CheckEndpoint(Read("HF_ENDPOINT") ?? "https://huggingface.co"),
            CacheFolder = Path.GetFullPath(Folder("HF_HUB_CACHE") ?? Folder("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Token = IsTrue(Read("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
                ? null
                : Clean(Read("HF_TOKEN") ?? Read("HUGGING_FACE_HUB_TOKEN"), "HF_TOKEN") ?? Clean(ReadFile(tokenFile), $"'{tokenFile}'"),
            Offline = IsTrue(Read("HF_HUB_OFFLINE") ?? Read("TRANSFORMERS_OFFLINE")),
            Links = !IsTrue(Read("HF_HUB_DISABLE_SYMLINKS")),
        };
    }

    private static string UserFolder => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static bool IsTrue(string? value) => value is not null && True.Contains(value.ToUpperInvariant());

    private static string Expand(string path, Func<string, string?> read)
    {
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal)) path = UserFolder + path[1..];
        return Variable().Replace(path, match => read(match.Groups["name"].Value) ?? match.Value);
    }

    private static string CheckEndpoint(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            ? endpoint.TrimEnd('/')
            : throw new PatchKernelException($"HF_ENDPOINT is '{endpoint}', which is no http or https address.");

    private static string? ReadFile(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            InputFile.CheckRegular(path);
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"The token file '{path}' can't be read: {FileFault.Reason(path, e)}.", e);
        }
    }

    private static string? Clean(string? token, string where)
    {
        if (token?.Trim() is not { Length: > 0 } clean) return null;
        return clean.All(c => char.IsAscii(c) && !char.IsControl(c) && c != ' ')
            ? clean
            : throw new PatchKernelException($"The token in {where} has a character that no token has; set it again.");
    }

    [GeneratedRegex(@"\$(?<name>\w+)|\$\{(?<name>\w+)\}")]
    private static partial Regex Variable();
}
