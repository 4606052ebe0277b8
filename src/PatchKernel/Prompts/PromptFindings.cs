using System.Text.RegularExpressions;
using PatchKernel.Text;

namespace PatchKernel.Prompts;

/// <summary>Finds likely mistakes in prompts and targets, such as a special token of another model.</summary>
internal static partial class PromptFindings
{
    private const string LineEnd = "for a line end write $'…\\n…' in bash and zsh, \"…`n…\" in PowerShell, or put the prompts into a file for --prompts";

    /// <summary>The findings of both prompts and both targets; what both share is one finding.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="bosId">The token that the tokenizer's template puts first; null where it adds none.</param>
    public static IEnumerable<Finding> OfPair(PromptPair pair, int? bosId)
    {
        var prompts = new[] { ("clean", pair.Clean), ("corrupt", pair.Corrupt) };
        foreach (var message in OfPrompts(prompts, bosId)) yield return new(Severity.Warning, message);
        foreach (var message in OfTargets(pair)) yield return new(Severity.Warning, message);
    }

    /// <summary>The findings of a prompt that stands alone.</summary>
    public static IEnumerable<string> OfPrompt(Prompt prompt, int? bosId) => OfPrompts([("", prompt)], bosId);

    private static IEnumerable<string> OfPrompts((string Name, Prompt Prompt)[] prompts, int? bosId)
    {
        if (bosId is { } bos && Whose(prompts, prompt => prompt.Length > 1 && prompt.Ids[0] == bos && prompt.Ids[1] == bos) is { } twice)
        {
            var first = prompts.First(side => side.Prompt.Length > 0 && side.Prompt.Ids[0] == bos).Prompt;
            yield return first.Text is null
                ? $"{twice} with the token {bos} twice, which a text has once in front."
                : $"{twice} with {first.Label(0)} twice: the tokenizer puts it in front of a text itself, so take it out of the text.";
        }
        var foreign = prompts.SelectMany(side => ForeignTokens(side.Prompt)).Distinct().ToList();
        if (foreign.Count > 0)
            yield return $"{Whose(prompts, prompt => ForeignTokens(prompt).Any(), "has", "have")} {Excerpt.List(foreign, Quoted.Text)}, which "
                + $"{(foreign.Count > 1 ? "are special tokens of other models and ordinary letters" : "is a special token of other models and ordinary letters")} to this one; "
                + "write the prompt as this model's chat template has it.";
        var typed = prompts.SelectMany(side => TypedEscapes(side.Prompt.Text)).Distinct().ToList();
        if (typed.Count > 0)
            yield return $"{Whose(prompts, prompt => TypedEscapes(prompt.Text).Any(), "has", "have")} {Escapes(typed)}; {LineEnd}.";
    }

    private static IEnumerable<string> OfTargets(PromptPair pair)
    {
        foreach (var (name, target) in pair.CleanTargets.Select(target => ("clean", target)).Concat(pair.CorruptTargets.Select(target => ("corrupt", target))))
        {
            var typed = TypedEscapes(target.Answer ?? target.Text).Distinct().ToList();
            if (typed.Count > 0) yield return $"The {name} target has {Escapes(typed)}; {LineEnd}.";
            if (target is not { Answer: { } answer, Text: { } text } || pair.CleanTarget.Id == pair.CorruptTarget.Id) continue; // an error says that
            yield return $"The {name} target {Quoted.Text(answer)} is several tokens, and metrics other than answer_log_prob measure the first alone: "
                + (IsPartOfCharacter(text) ? $"{text}, a part of a character, which many other answers begin with too." : $"{Quoted.Text(text)}.");
        }
    }

    /// <summary>"The clean and the corrupt prompt begin"; null if it is true of neither.</summary>
    private static string? Whose((string Name, Prompt Prompt)[] prompts, Func<Prompt, bool> isSo, string one = "begins", string several = "begin")
    {
        var names = prompts.Where(side => isSo(side.Prompt)).Select(side => side.Name).ToList();
        return names.Count switch
        {
            0 => null,
            1 => $"The {names[0]}{(names[0].Length > 0 ? " " : "")}prompt {one}",
            _ => $"The {string.Join(" and the ", names)} prompt {several}",
        };
    }

    private static string Escapes(List<string> typed) =>
        $"{string.Join(" and ", typed)} as two characters{(typed.Count > 1 ? " each" : "")}, a backslash and a letter";

    /// <summary>Texts that are special tokens of another model family, and not of this one.</summary>
    private static IEnumerable<string> ForeignTokens(Prompt prompt) => prompt is { Text: { } text, Tokens: { } tokens }
        ? SpecialToken().Matches(text).Select(match => match.Value).Distinct().Where(token => !tokens.Contains(token))
        : [];

    /// <summary>\n, \t and \r typed as two characters; not those of LaTeX's words and of paths.</summary>
    private static IEnumerable<string> TypedEscapes(string? text) =>
        text is null ? [] : TypedEscape().Matches(text).Where(match => !match.Groups["other"].Success).Select(match => match.Groups["escape"].Value);

    private static bool IsPartOfCharacter(string token) => HalfCharacter().IsMatch(token);

    // Llama 3 and 4, ChatML, Phi, Qwen and many more write <|name|>, DeepSeek the same with wide bars.
    [GeneratedRegex(@"<\|[A-Za-z][A-Za-z0-9_ ▁-]{0,40}\|>|<｜[^<>｜\n]{1,40}｜>|\[/?INST\]|<</?SYS>>|</?s>|<(?:bos|eos|start_of_turn|end_of_turn)>")]
    private static partial Regex SpecialToken();

    // The first way also takes what is no escape, so that the second can't begin within: paths such as C:\new, and LaTeX's words.
    [GeneratedRegex(
        @"(?<other>\b[C-F]:\\[^\s""]*|\\\\\w+\\[^\s""]*|\\(?:n(?:abla|atural|e|earrow|eg|eq|ewline|exists|i|mid|orm|ot|otin|u|ewcommand)|"
        + @"t(?:an|anh|au|ext[a-z]*|heta|imes|ilde|o|op|riangle|frac)|r(?:angle|ceil|floor|ho|ight[a-z]*|m|aise))(?![A-Za-z]))|(?<escape>\\[ntr])")]
    private static partial Regex TypedEscape();

    [GeneratedRegex(@"<0x[0-9A-F]{2}( 0x[0-9A-F]{2})*>")]
    private static partial Regex HalfCharacter();
}
