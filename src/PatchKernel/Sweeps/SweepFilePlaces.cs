using PatchKernel.Json;

namespace PatchKernel.Sweeps;

/// <summary>Spans of prompts, and where roles are, in result files.</summary>
internal static class SweepFilePlaces
{
    /// <summary>Where the roles are; null in a sweep of positions, and then not in the file.</summary>
    public static object? Content(IReadOnlyList<RolePlace>? places) =>
        places?.Select(place => new { place.Role, Clean = place.Clean.ToArray(), Corrupt = place.Corrupt.ToArray(), place.IsMean }).ToArray();

    /// <summary>A prompt's spans, each with its first position and the one behind its last; null where it has none.</summary>
    public static object? Content(IReadOnlyDictionary<string, TokenSpan> spans) =>
        spans.Count == 0 ? null : spans.ToDictionary(span => span.Key, span => new[] { span.Value.Start, span.Value.End });

    /// <summary>A prompt's spans.</summary>
    /// <param name="part">The file's; null where it has none.</param>
    /// <param name="length">The prompt's tokens.</param>
    public static IReadOnlyDictionary<string, TokenSpan> Spans(JsonPart? part, int length)
    {
        var spans = new Dictionary<string, TokenSpan>();
        foreach (var member in part?.Members() ?? [])
            spans[member.Key] = member.Items().Select(end => end.Whole(0, int.MaxValue)).ToArray() is [var start, var end] && start < end && end <= length
                ? new(start, end) : throw member.Wrong($"a first position and the one behind the last, of {length} tokens,");
        return spans;
    }

    /// <summary>Where the roles are.</summary>
    /// <param name="part">The file's list; null where it has none.</param>
    /// <param name="result">What else the file has.</param>
    public static IReadOnlyList<RolePlace>? Places(JsonPart? part, SweepResult result)
    {
        if (part is null) return null;
        RolePlace[] places = [.. part.Items().Select(place => Place(place, result.Pair))];
        var axis = result.Axes.ToList().IndexOf("role");
        if (axis < 0) throw part.Error($"it has {part.Path} but no axis role");
        return result.Shape[axis] == places.Length ? places
            : throw part.Error($"{part.Path} has {places.Length} entries, but the grid has {result.Shape[axis]} roles");
    }

    private static RolePlace Place(JsonPart part, PromptPair pair)
    {
        var place = new RolePlace(part.Require("role").Text(), Positions(part.Require("clean"), pair.Clean), Positions(part.Require("corrupt"), pair.Corrupt))
        {
            IsMean = part.Find("is_mean")?.Flag() ?? false,
        };
        return place.IsMean || place.Clean.Count == place.Corrupt.Count ? place
            : throw part.Error($"{part.Path} has {place.Clean.Count} positions in the clean prompt and {place.Corrupt.Count} in the corrupt one, and is no mean");
    }

    private static int[] Positions(JsonPart part, Prompt prompt)
    {
        int[] positions = [.. part.Items().Select(pos => pos.Whole(0, int.MaxValue))];
        if (positions.Length == 0) throw part.Error($"{part.Path} has no position");
        return positions.FirstOrDefault(pos => pos >= prompt.Length, -1) is var outside and not -1
            ? throw part.Error($"{part.Path} has position {outside}, and the prompt has {prompt.Length} tokens") : positions;
    }
}
