using System.Security.Cryptography;
using PatchKernel.Files;

namespace PatchKernel.Units;

/// <summary>Identifies a model: its commit on the hub, and hashes of its settings and of its weights' index.</summary>
internal static class CheckpointFacts
{
    private const int MostHeader = 1 << 24;

    /// <summary>The commit, where the folder is one of Hugging Face's cache; else null.</summary>
    public static string? Commit(string location)
    {
        var folder = new DirectoryInfo(Path.GetFullPath(location));
        return folder.Parent?.Name == "snapshots" ? folder.Name : null;
    }

    /// <summary>Hash of the settings and the tokenizer, or of the file where there is one alone.</summary>
    public static string Config(string location)
    {
        string[] files = [.. new[] { FileNames.Config, FileNames.TokenizerJson, FileNames.TokenizerConfig }.Select(name => Path.Combine(location, name)).Where(File.Exists)];
        return files.Length == 0 ? Weights(location) : StudyRecord.HashOf([.. files.SelectMany(File.ReadAllBytes)]);
    }

    /// <summary>Hash of the names, lengths and heads of the files of weights: names, shapes and places of all tensors, and not their numbers.</summary>
    public static string Weights(string location)
    {
        string[] files = Directory.Exists(location)
            ? [.. Directory.EnumerateFiles(location).Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".index.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [location];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Path.GetFileName(file)} {stream.Length}\n")));
            hash.AppendData(Head(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A safetensors file's header, or the first part of another file.</summary>
    private static byte[] Head(FileStream stream)
    {
        Span<byte> size = stackalloc byte[8];
        var length = stream.ReadAtLeast(size, 8, throwOnEndOfStream: false) == 8 ? (long)BitConverter.ToUInt64(size) : 0;
        stream.Position = 0;
        var head = new byte[Math.Min(stream.Length, length is > 0 and < MostHeader ? length + 8 : 1 << 20)];
        stream.ReadExactly(head);
        return head;
    }
}
