using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>What is done with tensors everywhere.</summary>
internal static class TensorExtensions
{
    /// <summary>Copies the values to a managed array, flat and row-major.</summary>
    public static float[] ToFloats(this Tensor value)
    {
        using var scope = NewDisposeScope();
        return value.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>Counts a matrix product's operations, and hands it on.</summary>
    /// <param name="product">left · right, [.., n].</param>
    /// <param name="left">[.., k].</param>
    public static Tensor Counted(this Tensor product, Tensor left)
    {
        if (Instruments.Flop.Enabled) Instruments.Flop.Add(2 * product.numel() * left.shape[^1]);
        return product;
    }
}
