namespace PatchKernel.Models;

/// <summary>Which activations a model makes, and how large they are.</summary>
internal static class ActivationSize
{
    /// <summary>Whether a model makes an activation.</summary>
    public static bool Makes(this ModelConfig config, Activation activation) => activation != Activation.ResidMid || !config.Parts.Parallel;

    /// <summary>Numbers of one layer's activation of one prompt.</summary>
    /// <param name="activation">Which activation.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="length">The prompt's tokens.</param>
    public static long Of(Activation activation, ModelConfig config, long length) => activation switch
    {
        _ when !config.Makes(activation) => 0,
        Activation.Q or Activation.Z => length * config.NHeads * config.DHead,
        Activation.K or Activation.V => length * config.NKeyValueHeads * config.DHead,
        Activation.Pattern => config.NHeads * length * length,
        Activation.MlpPost => length * config.DMlp,
        _ => length * config.DModel,
    };
}
