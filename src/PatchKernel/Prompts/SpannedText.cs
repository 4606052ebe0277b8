using System.Text.RegularExpressions;
using PatchKernel.Text;

namespace PatchKernel.Prompts;

/// <summary>A text with names for parts of it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Spans">The parts, by name.</param>
internal sealed record SpannedText(string Text, IReadOnlyDictionary<string, TextRange> Spans)
{
    /// <summary>A template whose holes are filled; what stands in one is a span. Where a hole comes again, its span has a number behind its name.</summary>
    /// <param name="template">The template.</param>
    /// <param name="holes">What a hole looks like.</param>
    /// <param name="fillers">What stands in a hole, each with its span's name; several have commas between.</param>
    public static SpannedText Fill(string template, Regex holes, Func<string, IEnumerable<(string Name, string Text)>> fillers)
    {
        var (text, spans, at) = ("", new Dictionary<string, TextRange>(), 0);
        // In one pass: a filler that reads like a hole stays as it is.
        foreach (Match hole in holes.Matches(template))
        {
            text += template[at..hole.Index];
            foreach (var (index, filler) in fillers(hole.Value).Index())
            {
                if (index > 0) text += ", ";
                var start = text.Length;
                text += filler.Text;
                if (!string.IsNullOrWhiteSpace(filler.Text)) spans[Free(filler.Name)] = Range(text, start, text.Length);
            }
            at = hole.Index + hole.Length;
        }
        return new(text + template[at..], spans);

        string Free(string name) => !spans.ContainsKey(name) ? name
            : Enumerable.Range(1, int.MaxValue).Select(number => $"{name}[{number}]").First(numbered => !spans.ContainsKey(numbered));
    }

    /// <summary>The text with a name for some of its words.</summary>
    /// <exception cref="PatchKernelException">They don't stand in it exactly once.</exception>
    public SpannedText With(string name, string words) => this with { Spans = new Dictionary<string, TextRange>(Spans) { [name] = Find(Text, words) } };

    /// <summary>The text in a model's tokens.</summary>
    public Prompt In(Tokenizer tokenizer) => Prompt.FromText(Text, tokenizer, Spans);

    /// <summary>Where words stand in a text.</summary>
    /// <exception cref="PatchKernelException">They don't stand in it exactly once.</exception>
    public static TextRange Find(string text, string words)
    {
        if (words.Length == 0) throw new PatchKernelException("A span needs words; give some of the prompt's.");
        var start = text.IndexOf(words, StringComparison.Ordinal);
        if (start < 0) throw new PatchKernelException($"A span's words, {Quoted.Text(words)}, aren't in the prompt {Quoted.Text(Excerpt.Text(text))}; give them as they stand there.");
        return text.IndexOf(words, start + 1, StringComparison.Ordinal) < 0 ? Range(text, start, start + words.Length)
            : throw new PatchKernelException(
                $"A span's words, {Quoted.Text(words)}, stand more than once in the prompt {Quoted.Text(Excerpt.Text(text))}; give words that stand there once, or the tokens' positions.");
    }

    /// <summary>A range in code points.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where it begins, in UTF-16 units.</param>
    /// <param name="end">Where it ends.</param>
    public static TextRange Range(string text, int start, int end)
    {
        var before = Count(text.AsSpan(0, start));
        return new(before, before + Count(text.AsSpan(start, end - start)));
    }

    /// <summary>Number of code points.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes()) count++;
        return count;
    }
}
