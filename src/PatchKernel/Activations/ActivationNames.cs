namespace PatchKernel;

/// <summary>The names that charts, JSON and the command line use: <c>resid_pre</c>, <c>attn_out</c>, <c>q</c> …</summary>
public static class ActivationNames
{
    private static readonly Dictionary<Activation, string> Names = Enum.GetValues<Activation>()
        .ToDictionary(activation => activation, activation => SnakeCase(activation.ToString()));

    /// <summary>The activation's name in snake case.</summary>
    public static string Name(this Activation activation) => Names[activation];

    /// <summary>The activation of a name.</summary>
    /// <exception cref="PatchKernelException">No activation has that name; the message lists those that are.</exception>
    public static Activation Parse(string name)
    {
        foreach (var (activation, known) in Names)
            if (known == name) return activation;
        throw new PatchKernelException($"There is no activation '{name}'; choose one of {string.Join(", ", Names.Values)}.");
    }

    private static string SnakeCase(string pascal) =>
        string.Concat(pascal.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
