using static TorchSharp.torch;

namespace PatchKernel.Torch;

/// <summary>Where a checkpoint's tensors come from: the safetensors files of a folder, or a GGUF file.</summary>
internal interface ITensorSource : IDisposable
{
    /// <summary>Every tensor, needed or not.</summary>
    IEnumerable<SourceTensor> Tensors { get; }

    /// <summary>The tensor of a key, or null where it isn't there.</summary>
    SourceTensor? Find(string key);

    /// <summary>The source's own name for a tensor, whether it is there or not, and where it should be, if that is known.</summary>
    (string Label, string Place) Describe(string key);

    /// <summary>Reads a tensor, or some of its rows, into memory of its own.</summary>
    /// <param name="key">The tensor's key; it is there.</param>
    /// <param name="rows">The rows, which follow one another; null for all.</param>
    /// <param name="dtype">What to convert it to.</param>
    /// <param name="device">Where to put it.</param>
    /// <returns>A fresh tensor; owned by the caller's dispose scope.</returns>
    Tensor Read(string key, (long From, long Count)? rows, ScalarType dtype, Device device);

    /// <summary>How many bytes of a tensor were read so far, all reads together.</summary>
    long BytesRead(string key);
}

/// <summary>A tensor of a source.</summary>
/// <param name="Key">Its name as the model has it.</param>
/// <param name="Label">Its name in the source.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Type">How it is stored, in the source's words.</param>
/// <param name="Dtype">The dtype that its entries are read as; null where they can't be.</param>
/// <param name="Bytes">Number of bytes that it has in its file.</param>
/// <param name="Place">The file's name.</param>
internal sealed record SourceTensor(string Key, string Label, long[] Shape, string Type, ScalarType? Dtype, long Bytes, string Place);
