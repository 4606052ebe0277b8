using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Divides each row by its root mean square, then scales it; in float32.</summary>
/// <remarks>Zhang and Sennrich 2019, arXiv:1910.07467.</remarks>
/// <param name="Scale">[d_model], float32.</param>
/// <param name="Epsilon">Added to the mean square.</param>
internal readonly record struct RmsNorm(Tensor Scale, double Epsilon)
{
    /// <summary>[.., d_model] to [.., d_model].</summary>
    public Tensor Forward(Tensor resid)
    {
        using var scope = NewDisposeScope();
        var meanSquare = (resid * resid).mean([-1], keepdim: true);
        return scope.MoveToOuter(resid * meanSquare.Plus(Epsilon).rsqrt() * Scale);
    }
}
