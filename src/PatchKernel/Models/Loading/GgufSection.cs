using PatchKernel.Gguf;

namespace PatchKernel.Models;

/// <summary>The keys of a GGUF file's architecture, without its name in front.</summary>
/// <param name="metadata">The file's metadata.</param>
/// <param name="architecture">The architecture's name.</param>
internal sealed class GgufSection(GgufMetadata metadata, string architecture)
{
    /// <summary>A key as the file has it.</summary>
    public string Name(string key) => $"{architecture}.{key}";

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => metadata.Has(Name(key));

    /// <summary>A whole number from 1 to <paramref name="max"/>.</summary>
    public int Size(string key, int? fallback = null, int? max = null) =>
        max is { } most ? metadata.Size(Name(key), fallback, most) : metadata.Size(Name(key), fallback);

    /// <summary>A whole number from 0, or null where the key is absent.</summary>
    public int? Index(string key) => metadata.Index(Name(key));

    /// <summary>A number above 0, from <paramref name="least"/>.</summary>
    public double Positive(string key, double? fallback = null, double least = 0) => metadata.Positive(Name(key), fallback, least);

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback) => metadata.Flag(Name(key), fallback);

    /// <summary>A text, or null where the key is absent.</summary>
    public string? Text(string key) => metadata.Text(Name(key));

    /// <summary>Whether a key is there and has a value.</summary>
    public bool Is(string key, object value) => Has(key) && metadata.Equals(Name(key), value);

    /// <summary>The error for a value that can't be used.</summary>
    public PatchKernelException Wrong(string key, string what) => metadata.Wrong(Name(key), what);
}
