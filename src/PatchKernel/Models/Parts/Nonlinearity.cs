using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>What an MLP does to each of its numbers.</summary>
/// <param name="Name">As a config says it.</param>
/// <param name="Module">As PyTorch prints it.</param>
/// <param name="Apply">The function.</param>
internal sealed record Nonlinearity(string Name, string Module, Func<Tensor, Tensor> Apply)
{
    /// <summary>x · σ(x); Elfwing et al. 2017, arXiv:1702.03118.</summary>
    public static Nonlinearity Silu { get; } = new("silu", "SiLUActivation()", rows => nn.functional.silu(rows));

    /// <summary>x · Φ(x), exactly; Hendrycks and Gimpel 2016, arXiv:1606.08415.</summary>
    public static Nonlinearity Gelu { get; } = new("gelu", "GELUActivation()", rows => nn.functional.gelu(rows));

    /// <summary>The same by its approximation with a hyperbolic tangent.</summary>
    public static Nonlinearity GeluTanh { get; } = new("gelu_pytorch_tanh", "GELUTanh()", Tanh);

    /// <summary>The same by the name that GPT-2 has for it.</summary>
    public static Nonlinearity GeluNew { get; } = new("gelu_new", "NewGELUActivation()", Tanh);

    /// <summary>The same by the name that GPT-NeoX-20B has for it.</summary>
    public static Nonlinearity GeluFast { get; } = new("gelu_fast", "FastGELUActivation()", Tanh);

    private static Tensor Tanh(Tensor rows) => nn.functional.gelu(rows, TorchSharp.Modules.GELU.Approximate.tanh);
}
