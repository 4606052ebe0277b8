using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>The options of <c>attribute</c> that cells don't have.</summary>
/// <param name="At">The run that a gradient is taken at.</param>
/// <param name="Sign">What a positive score means.</param>
/// <param name="Top">How many edges are shown.</param>
/// <param name="EapIg">The file that EAP-IG's code reads.</param>
internal sealed record EdgeOptions(Option<string> At, SignOption Sign, Option<int?> Top, Option<string?> EapIg)
{
    /// <summary>All of them.</summary>
    public Option[] All => [At, Sign.Option, Top, EapIg];
}
