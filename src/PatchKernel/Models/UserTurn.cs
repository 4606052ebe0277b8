using PatchKernel.Prompts;

namespace PatchKernel.Models;

/// <summary>Where a user's text stands in what a chat template makes of it.</summary>
/// <param name="Start">Its first code point there.</param>
/// <param name="CutOff">Code points at its beginning that the template leaves out: blanks.</param>
/// <param name="Length">Code points that are there.</param>
internal sealed record UserTurn(int Start, int CutOff, int Length)
{
    // For private use, so in no template.
    private const string Probe = "\ue000\ue001";

    /// <summary>The place; null where the template changes more of the text than the blanks at its ends.</summary>
    public static UserTurn? Find(string text, string rendered, ChatTemplate template)
    {
        // The words themselves may stand in the template too, as "user" does.
        var probed = template.Render([("user", Probe)]);
        var start = probed.IndexOf(Probe, StringComparison.Ordinal);
        if (start < 0 || rendered.Length < start || !probed.AsSpan(0, start).SequenceEqual(rendered.AsSpan(0, start))) return null;
        var before = SpannedText.Count(rendered.AsSpan(0, start));
        var there = rendered.AsSpan(start);
        if (there.StartsWith(text, StringComparison.Ordinal)) return new(before, 0, SpannedText.Count(text));
        var trimmed = text.Trim();
        return trimmed.Length > 0 && there.StartsWith(trimmed, StringComparison.Ordinal)
            ? new(before, SpannedText.Count(text.AsSpan(0, text.Length - text.TrimStart().Length)), SpannedText.Count(trimmed)) : null;
    }

    /// <summary>A range of the text as one of the turn.</summary>
    public TextRange InTurn(TextRange range) => new(Start + Math.Clamp(range.Start - CutOff, 0, Length), Start + Math.Clamp(range.End - CutOff, 0, Length));
}
