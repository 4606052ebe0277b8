using System.Buffers;
using System.Text;
using System.Text.Json;
using PatchKernel.Chat;
using PatchKernel.Templates;

namespace PatchKernel.Cli;

/// <summary>Turns a file of conversations into a file of their texts and ids, by a model's chat template.</summary>
internal static class ChatFile
{
    /// <summary>A conversation of the file.</summary>
    /// <param name="Messages">Its messages as a template sees them.</param>
    /// <param name="AddGenerationPrompt">Whether the beginning of the answer is added; as in transformers it isn't where nobody asks.</param>
    /// <param name="Variables">Further variables.</param>
    public sealed record Conversation(object? Messages, bool AddGenerationPrompt, IReadOnlyDictionary<string, object?> Variables);

    /// <summary>Reads a JSON array of <c>{messages, add_generation_prompt, variables}</c>; of these the first must be there, and other keys don't matter.</summary>
    public static IReadOnlyList<Conversation> Read(string path)
    {
        try
        {
            return TokenFile.ReadArray(path, "conversations, {\"messages\": [...]}", IsConversation, item => new Conversation(
                Values.Of(item.GetProperty("messages")),
                item.TryGetProperty("add_generation_prompt", out var add) && add.ValueKind == JsonValueKind.True,
                item.TryGetProperty("variables", out var variables) ? variables.EnumerateObject().ToDictionary(entry => entry.Name, entry => Values.Of(entry.Value)) : []));
        }
        catch (TemplateError e)
        {
            throw new PatchKernelException($"'{path}' can't be given to a template: {e.Message}.", e);
        }
    }

    /// <summary>An array of <c>{text, ids}</c>, or <c>{error}</c> where there is no text.</summary>
    public static string Of(IEnumerable<Conversation> conversations, ChatTemplate template, Tokenizer tokenizer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, TokenFile.Readable))
        {
            json.WriteStartArray();
            foreach (var conversation in conversations) Write(json, conversation, template, tokenizer);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Conversation conversation, ChatTemplate template, Tokenizer tokenizer)
    {
        json.WriteStartObject();
        try
        {
            var text = template.Render(conversation.Messages, conversation.AddGenerationPrompt, conversation.Variables);
            var ids = tokenizer.Encode(text, addSpecialTokens: false);
            json.WriteString("text", text);
            TokenFile.WriteIds(json, "ids", ids);
        }
        catch (PatchKernelException e)
        {
            json.WriteString("error", e is ChatException { Reason: var reason } ? reason : e.Message);
        }
        json.WriteEndObject();
    }

    private static bool IsConversation(JsonElement item) => item.ValueKind == JsonValueKind.Object
        && item.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array
        && (!item.TryGetProperty("add_generation_prompt", out var add) || add.ValueKind is JsonValueKind.True or JsonValueKind.False)
        && (!item.TryGetProperty("variables", out var variables) || (variables.ValueKind == JsonValueKind.Object && variables.EnumerateObject().DistinctBy(entry => entry.Name).Count() == variables.GetPropertyCount()));
}
