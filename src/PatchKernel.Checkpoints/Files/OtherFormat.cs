using System.Text;

namespace PatchKernel.Files;

/// <summary>Recognises other kinds of files by their first bytes, and says what to do with them.</summary>
internal static class OtherFormat
{
    /// <summary>How many of a file's first bytes are needed.</summary>
    public const int HeadBytes = 64;

    private static readonly (byte[] Start, string What)[] Binary =
    [
        ("GGUF"u8.ToArray(), "is a GGUF file: give its own path as the model"),
        ("PK\x03\x04"u8.ToArray(), "is a zip archive, perhaps of PyTorch's: unpack it, or save the model as safetensors"),
        ([0x1F, 0x8B], "is a gzip archive: unpack it"),
        ([0x80, 0x02], "is a pickle of PyTorch's: save the model as safetensors, since a pickle can run code as it loads"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "is an HDF5 file: save the model as safetensors"),
    ];

    private static readonly (string Start, string What)[] Texts =
    [
        ("version https://git-lfs.github.com/", "is a Git LFS pointer, not the file that it stands for: run git lfs pull in its folder, or download the file"),
        ("<!doctype", "is a web page, not the file: download the file itself"),
        ("<html", "is a web page, not the file: download the file itself"),
        ("<?xml", "is an XML answer of a server, not the file: download it again"),
    ];

    /// <summary>Says what a file is and what to do, as text after its path; null if it isn't recognised.</summary>
    /// <param name="head">Its first bytes, <see cref="HeadBytes"/> or all.</param>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty) return "is empty: download it again";
        foreach (var (start, what) in Binary)
            if (head.StartsWith(start)) return what;
        var text = Encoding.Latin1.GetString(head).TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\r', '\n', '\t');
        foreach (var (start, what) in Texts)
            if (text.StartsWith(start, StringComparison.OrdinalIgnoreCase)) return what;
        return head.Length == HeadBytes && head.IndexOfAnyExcept((byte)0) < 0 ? "begins with zeros alone: its download isn't finished, get it again" : null;
    }

    /// <summary>The same for a path.</summary>
    /// <exception cref="PatchKernelException">It isn't a regular file, or can't be read.</exception>
    public static string? Of(string path)
    {
        using var file = InputFile.Open(path);
        return Of(file);
    }

    /// <summary>The same for an open file, whose position stays.</summary>
    public static string? Of(FileStream file)
    {
        var before = file.Position;
        file.Position = 0;
        var head = new byte[HeadBytes];
        var what = Of(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
        file.Position = before;
        return what;
    }
}
