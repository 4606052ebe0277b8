using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel.Gguf;

/// <summary>A model's GGUF file, or all the files that it was split into, as one.</summary>
internal sealed class GgufParts : IDisposable
{
    private readonly IReadOnlyList<GgufFile> files;
    private readonly Dictionary<string, GgufFile> fileOf = [];
    private readonly Dictionary<string, GgufTensor> tensors = [];

    private GgufParts(IReadOnlyList<GgufFile> files)
    {
        this.files = files;
        foreach (var file in files)
            foreach (var (name, tensor) in file.Tensors)
            {
                if (!tensors.TryAdd(name, tensor))
                    throw new PatchKernelException($"'{file.Path}' has the tensor '{Excerpt.Text(name)}', which another part has too: the parts don't belong together.");
                fileOf.Add(name, file);
            }
    }

    /// <summary>The path of the file, or of the first part.</summary>
    public string Path => files[0].Path;

    /// <summary>Number of files.</summary>
    public int Count => files.Count;

    /// <summary>The metadata of the file, or of the first part.</summary>
    public GgufMetadata Metadata => files[0].Metadata;

    /// <summary>Every tensor, by name.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors => tensors;

    /// <summary>Opens a file, and with it the other parts if it is one of several.</summary>
    /// <param name="path">The file, or any of the parts.</param>
    /// <param name="accept">Looks at the metadata before the tensors are read, and throws where the model can't be run; null for nobody.</param>
    /// <exception cref="PatchKernelException">A file can't be opened, parts aren't there, or they don't belong together.</exception>
    public static GgufParts Open(string path, Action<GgufMetadata>? accept = null)
    {
        List<GgufFile> files = [GgufFile.Open(path, accept)];
        try
        {
            if (GgufSplit.Of(files[0].Metadata) is not { } split) return new(files);
            var paths = split.Paths(path);
            for (var number = 0; number < paths.Count; number++)
                if (number != split.Number) files.Insert(number, OpenPart(paths[number], number, split, accept));
            var parts = new GgufParts(files);
            return split.Tensors is { } count && count != parts.tensors.Count
                ? throw new PatchKernelException($"'{path}' says that all parts have {count} tensors, and they have {parts.tensors.Count}: they don't belong together.")
                : parts;
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>The name of the file that a tensor is in.</summary>
    public string PlaceOf(string tensor) => System.IO.Path.GetFileName(fileOf[tensor].Path);

    /// <summary>Reads some entries of a tensor's first axis, those that follow one another, into memory of their own.</summary>
    /// <returns>[count, …]; a fresh tensor, owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The file can't be read any more.</exception>
    public Tensor Read(GgufTensor stored, long from, long count, ScalarType dtype, Device device) =>
        fileOf[stored.Name].Read(stored, from, count, dtype, device);

    /// <summary>How many bytes of a tensor were read so far, all reads together.</summary>
    public long BytesRead(string tensor) => fileOf[tensor].BytesRead(tensor);

    /// <summary>Closes every file; tensors that were read stay.</summary>
    public void Dispose()
    {
        foreach (var file in files) file.Dispose();
    }

    private static GgufFile OpenPart(string path, int number, GgufSplit split, Action<GgufMetadata>? accept)
    {
        var file = GgufFile.Open(path, accept);
        try
        {
            if (GgufSplit.Of(file.Metadata) is { } own && own.Number == number && own.Count == split.Count) return file;
            throw new PatchKernelException($"'{path}' isn't part {number + 1} of {split.Count}, though its name says so: get it again.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
