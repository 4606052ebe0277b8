using PatchKernel.Models;
using PatchKernel.Prompts;

namespace PatchKernel;

public sealed partial record Prompt
{
    /// <summary>A conversation as the model was trained to read it, by its own chat template, up to where the assistant answers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="messages">Who says what, such as <c>("user", "Who was Isaac Newton?")</c>; roles are <c>system</c>, <c>user</c>, <c>assistant</c> and what else the template knows.</param>
    /// <returns>The template's text and its ids; no BOS is added to those that the template has.</returns>
    /// <exception cref="PatchKernelException">The model has no chat template or no tokenizer, or the template refuses the messages.</exception>
    public static Prompt Chat(LanguageModel model, params IEnumerable<(string Role, string Content)> messages) => Chat(model, messages, addGenerationPrompt: true);

    /// <summary>The same with the template's own switches.</summary>
    /// <param name="model">The model.</param>
    /// <param name="messages">Who says what.</param>
    /// <param name="addGenerationPrompt">Whether the beginning of the assistant's next message is added, so that the model answers.</param>
    /// <param name="variables">Variables that the template knows, such as <c>enable_thinking</c>; null for none.</param>
    /// <returns>The template's text and its ids; no BOS is added to those that the template has.</returns>
    /// <exception cref="PatchKernelException">The model has no chat template or no tokenizer, or the template refuses the messages.</exception>
    public static Prompt Chat(
        LanguageModel model, IEnumerable<(string Role, string Content)> messages, bool addGenerationPrompt, IReadOnlyDictionary<string, object?>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (template, tokenizer) = model.Chat;
        return OfTemplate(template.Render(messages, addGenerationPrompt, variables), tokenizer);
    }

    /// <summary>A text as a user's turn, by a checkpoint's chat template.</summary>
    /// <exception cref="PatchKernelException">It has no chat template or no tokenizer, or the template refuses the text, or doesn't show it, so that its spans have no place.</exception>
    internal static Prompt OfUser(string text, Checkpoint checkpoint, IReadOnlyDictionary<string, TextRange>? spans = null)
    {
        var prompt = OfTemplate(checkpoint.ChatTemplate.Render([("user", text)]), checkpoint.Tokenizer);
        if (spans is not { Count: > 0 }) return prompt;
        var turn = UserTurn.Find(text, prompt.Text!, checkpoint.ChatTemplate)
            ?? throw new PatchKernelException($"The chat template of {checkpoint.Name} changes the user's text, so the spans have no place in it; give positions, or prompts that aren't a user's turn.");
        return prompt with
        {
            Spans = spans.ToDictionary(span => SpanNames.Checked(span.Key), span => checkpoint.Tokenizer.Locate(prompt.Text!, turn.InTurn(span.Value), addSpecialTokens: false)),
        };
    }

    private static Prompt OfTemplate(string text, Tokenizer tokenizer)
    {
        var ids = tokenizer.Encode(text, addSpecialTokens: false); // the template has its BOS itself
        return new(text, ids, [.. ids.Select(tokenizer.TokenText)]);
    }
}
