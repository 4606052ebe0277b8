using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PatchKernel.Cli;

/// <summary>The option that says how much memory a sweep may take.</summary>
internal static partial class MemoryOption
{
    public static Option<long?> Create(string description)
    {
        var option = new Option<long?>("--memory")
        {
            Description = description,
            HelpName = "8GB",
            CustomParser = result =>
            {
                if (Parse(result.Tokens[0].Value) is { } bytes) return bytes;
                result.AddError($"--memory takes an amount such as 8GB or 800MB, and '{result.Tokens[0].Value}' is none");
                return null;
            },
        };
        return option;
    }

    /// <summary>Bytes of an amount; null where it is none.</summary>
    internal static long? Parse(string text)
    {
        if (Amount().Match(text) is not { Success: true } match) return null;
        var power = 1 + "KMGT".IndexOf(match.Groups["prefix"].Value, StringComparison.OrdinalIgnoreCase);
        var bytes = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * Math.Pow(match.Groups["binary"].Success ? 1024 : 1000, power);
        return bytes is >= 1 and < 1e18 ? (long)bytes : null;
    }

    [GeneratedRegex(@"^(?<number>\d{1,18}(\.\d{1,9})?) ?(?<prefix>[KMGT])(?<binary>i)?B?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Amount();
}
