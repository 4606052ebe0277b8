using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The way out of tensors.</summary>
internal static class TensorExtensions
{
    /// <summary>The values as a managed array, flat and row-major.</summary>
    public static float[] ToFloats(this Tensor value)
    {
        using var scope = NewDisposeScope();
        return value.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
