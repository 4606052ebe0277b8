using System.Text.Json;

namespace PatchKernel;

/// <summary>The names that charts, JSON and the command line use: <c>resid_pre</c>, <c>attn_out</c>, <c>q</c> …</summary>
public static class ActivationNames
{
    private static readonly Dictionary<Activation, string> Names = Enum.GetValues<Activation>()
        .ToDictionary(activation => activation, activation => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{activation}"));

    /// <summary>The activation's name in snake case.</summary>
    public static string Name(this Activation activation) => Names[activation];

    /// <summary>The activation itself, if there is such a one: a number may have been cast.</summary>
    /// <exception cref="PatchKernelException">There is none.</exception>
    internal static Activation Known(this Activation activation) =>
        Names.ContainsKey(activation) ? activation : throw new PatchKernelException($"There is no activation of the number {(int)activation}; choose one of {string.Join(", ", Names.Values)}.");

    /// <summary>The activation of a name.</summary>
    /// <exception cref="PatchKernelException">No activation has that name; the message lists those that are.</exception>
    public static Activation Parse(string name)
    {
        foreach (var (activation, known) in Names)
            if (known == name) return activation;
        throw new PatchKernelException($"There is no activation '{name}'; choose one of {string.Join(", ", Names.Values)}.");
    }
}
