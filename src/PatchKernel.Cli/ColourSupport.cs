using System.Text.RegularExpressions;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Whether a terminal has the 256 colours; those with 16 draw them as their user likes, which may be in any order of lightness.</summary>
internal static partial class ColourSupport
{
    /// <summary>Whether a console shows them.</summary>
    public static bool HasMany(IAnsiConsole console) =>
        console.Profile.Capabilities is { Ansi: true, ColorSystem: ColorSystem.EightBit or ColorSystem.TrueColor };

    /// <summary>Whether a terminal has fewer, by its name in TERM.</summary>
    public static bool IsFew(string? term) => term is not null && Few().IsMatch(term);

    [GeneratedRegex("^(dumb|linux|ansi|xterm-color|(vt|cons|sun).*|.*-(16color|mono|m))$")]
    private static partial Regex Few();
}
