using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>A matrix with an optional bias, multiplied in its own dtype; what comes out has the dtype of what goes in, which is float32 but in tests.</summary>
/// <param name="Weight">[out, in], in the compute dtype.</param>
/// <param name="Bias">[out], in the compute dtype, or null.</param>
internal sealed record Linear(Tensor Weight, Tensor? Bias = null)
{
    /// <summary>rows · Weightᵀ + Bias: [.., in] to [.., out].</summary>
    public Tensor Forward(Tensor rows)
    {
        if (Weight.dtype == rows.dtype) return nn.functional.linear(rows, Weight, Bias).Counted(rows);
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(nn.functional.linear(rows.to(Weight.dtype), Weight, Bias).Counted(rows).to(rows.dtype));
    }

    /// <summary>The matrix, and the bias where there is one.</summary>
    public IEnumerable<Tensor> Tensors => Bias is null ? [Weight] : [Weight, Bias];
}
