using System.Text;
using System.Text.Unicode;
using PatchKernel.Files;

namespace PatchKernel.Notebooks;

/// <summary>A notebook's file as text: bounded, never waited for, and with errors that say what to do.</summary>
internal static class NotebookText
{
    private const long MostBytes = 100_000_000;

    /// <summary>Reads the file.</summary>
    /// <exception cref="PatchKernelException">It isn't there, isn't a file with text, or is too large.</exception>
    public static string Read(string path)
    {
        var bytes = Bytes(path);
        if (!Utf8.IsValid(bytes)) throw new PatchKernelException($"The notebook '{path}' isn't UTF-8 text: open it in an editor and save it as UTF-8.");
        return Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
    }

    private static byte[] Bytes(string path)
    {
        if (Directory.Exists(path)) throw new PatchKernelException($"'{path}' is a folder: give the notebook in it.");
        if (!File.Exists(path)) throw new PatchKernelException($"There is no notebook '{path}'.");
        using var file = InputFile.Open(path);
        if (file.Length == 0) throw new PatchKernelException($"The notebook '{path}' is empty.");
        if (file.Length > MostBytes) throw new PatchKernelException(FormattableString.Invariant($"'{path}' has {file.Length} bytes, too many for a notebook: clear its outputs."));
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
