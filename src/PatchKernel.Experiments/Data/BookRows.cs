using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Prompts;

namespace PatchKernel.Data;

/// <summary>Reads a <c>prompts.json</c>: the subject and each option of its templates are spans.</summary>
internal static class BookRows
{
    /// <summary>The pairs as rows.</summary>
    /// <exception cref="PatchKernelException">The file can't be read, or is no JSON of pairs.</exception>
    public static IEnumerable<RawRow> Read(string path)
    {
        var entries = PromptBookReader.ReadEach(path);
        return Lines(JsonFile.Bytes(path).Span).Zip(entries, (line, entry) => entry.Pair is { } pair ? Row(line, pair) : RawRow.Bad(line, RowFault.Of(entry.Fault!).Message));
    }

    private static RawRow Row(int line, PairDefinition pair)
    {
        var (clean, corrupt, spans) = RowPrompts.Both(pair.Filled(pair.Clean), pair.Filled(pair.Corrupt));
        return new(line, [])
        {
            Known = new DataRow
            {
                Line = line,
                Name = pair.Name,
                Clean = clean,
                Corrupt = corrupt,
                CleanTargets = pair.Clean.Targets,
                CorruptTargets = pair.Corrupt.Targets,
                Spans = spans,
            },
        };
    }

    /// <summary>The line on which each pair begins.</summary>
    private static List<int> Lines(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        var (lines, isPairs) = (new List<int>(), false);
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 }) isPairs = reader.ValueTextEquals("pairs");
            else if (isPairs && reader is { TokenType: not (JsonTokenType.EndObject or JsonTokenType.EndArray), CurrentDepth: 2 }) lines.Add(JsonFault.At(utf8, reader.TokenStartIndex, "").Line);
        }
        return lines;
    }
}
