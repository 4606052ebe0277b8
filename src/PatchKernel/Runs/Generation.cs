using PatchKernel.Text;

namespace PatchKernel;

/// <summary>What a model went on with.</summary>
public sealed partial class Generation
{
    internal Generation(string modelName, Prompt prompt, IReadOnlyList<int> newIds, bool isEnded, Tokenizer? tokenizer)
    {
        (ModelName, Prompt, NewIds, IsEnded) = (modelName, prompt, newIds, isEnded);
        if (tokenizer is not null) (NewTokens, Text) = ([.. newIds.Select(tokenizer.TokenText)], TextOf(tokenizer));
    }

    /// <summary>The model that ran.</summary>
    public string ModelName { get; }

    /// <summary>What it read.</summary>
    public Prompt Prompt { get; }

    /// <summary>The ids of the new tokens, without the prompt's.</summary>
    public IReadOnlyList<int> NewIds { get; }

    /// <summary>The text of each new token; null for a model without a tokenizer.</summary>
    public IReadOnlyList<string>? NewTokens { get; }

    /// <summary>What the new tokens add to the prompt's text, a leading space included and special tokens kept; null for a model without a tokenizer.</summary>
    public string? Text { get; }

    /// <summary>Whether the last token is one at which the model ends its text.</summary>
    public bool IsEnded { get; }

    /// <summary>The prompt and the new tokens together.</summary>
    public Prompt Whole => new(
        Prompt.Text is { } before && Text is { } after ? before + after : null,
        [.. Prompt.Ids, .. NewIds],
        Prompt.Tokens is { } tokens && NewTokens is { } added ? [.. tokens, .. added] : null);

    /// <summary>The prompt, the new text, and how many tokens that is.</summary>
    public override string ToString() =>
        $"{Prompt} → {(Text is null ? string.Join(',', NewIds) : Quoted.Text(Text))} ({Excerpt.Count(NewIds.Count, "token")}{(IsEnded ? ", to the end of the text" : "")})";

    /// <summary>What the new tokens add to the prompt's text; a model's vocabulary may have more tokens than its tokenizer.</summary>
    private string TextOf(Tokenizer tokenizer)
    {
        try
        {
            return tokenizer.DecodeAfter(Prompt.Ids, NewIds);
        }
        catch (PatchKernelException)
        {
            return string.Concat(NewIds.Select(tokenizer.TokenText));
        }
    }
}
