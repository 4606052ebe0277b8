using PatchKernel.Chat;
using PatchKernel.Gguf;
using PatchKernel.Hub;
using PatchKernel.Templates;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>A model's chat template: what makes one text of a conversation.</summary>
/// <remarks>
/// It gives what transformers' <c>apply_chat_template</c> gives, which is a Jinja template's text. What templates use of Jinja is supported, and the rest is
/// refused by its name. A template is somebody else's program: it reads nothing but the messages and the clock, and neither its time nor its memory is without end.
/// </remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class ChatTemplate : IShowsHtml
{
    private readonly ChatSource source;
    private readonly Template template;

    private ChatTemplate(ChatSource source, Template template) => (this.source, this.template) = (source, template);

    /// <summary>The template as it is stored.</summary>
    public string Source => source.Text;

    /// <summary>The file that has it.</summary>
    public string File => source.File;

    /// <summary>Reads a model's chat template.</summary>
    /// <param name="model">
    /// A checkpoint's folder, whose <c>chat_template.jinja</c> comes before what its <c>tokenizer_config.json</c> has, a GGUF file, or a name on the Hugging Face
    /// hub, of which the small files alone are downloaded.
    /// </param>
    /// <exception cref="PatchKernelException">It has none, or one that can't be read.</exception>
    public static ChatTemplate Load(string model)
    {
        var path = ModelPlace.Find(model, HubNeed.Settings).Folder;
        if (!GgufFile.IsAt(path))
            return Of(System.IO.File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path);
        using var file = GgufFile.Open(path);
        return Of(file.Metadata);
    }

    /// <summary>A folder's.</summary>
    internal static ChatTemplate Of(string folder) => Of(ChatSource.Of(folder) ?? throw new PatchKernelException(
        $"'{folder}' has no chat template, neither in chat_template.jinja nor in tokenizer_config.json: give the prompt as a plain text, or take a model that was trained to chat."));

    /// <summary>A GGUF file's.</summary>
    internal static ChatTemplate Of(GgufMetadata metadata) => Of(ChatSource.Of(metadata) ?? throw new PatchKernelException(
        $"'{metadata.Path}' has no chat template (tokenizer.chat_template): give the prompt as a plain text, or take a model that was trained to chat."));

    /// <summary>The text of a conversation, special tokens included.</summary>
    /// <param name="messages">Who says what: roles such as <c>system</c>, <c>user</c> and <c>assistant</c>, and the texts.</param>
    /// <param name="addGenerationPrompt">Whether the beginning of the assistant's next message is added, so that the model answers.</param>
    /// <param name="variables">Further variables that the template knows, such as <c>enable_thinking</c>; null for none.</param>
    /// <exception cref="PatchKernelException">The template refuses the messages, or can't be run.</exception>
    public string Render(IEnumerable<(string Role, string Content)> messages, bool addGenerationPrompt = true, IReadOnlyDictionary<string, object?>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var given = variables?.ToDictionary(entry => entry.Key, entry => ChatValues.Of(entry.Key, entry.Value)) ?? [];
        return Render(ChatValues.Messages(messages), addGenerationPrompt, given);
    }

    /// <summary>The same of values that a template has.</summary>
    /// <exception cref="ChatException">The template refuses the messages, or can't be run.</exception>
    internal string Render(object? messages, bool addGenerationPrompt, IReadOnlyDictionary<string, object?> variables, TimeProvider? clock = null)
    {
        // As transformers has it: tools and documents are there, and None, where nobody gives any.
        var all = new Dictionary<string, object?> { ["tools"] = null, ["documents"] = null };
        foreach (var (name, text) in source.Tokens) all[name] = text;
        foreach (var (name, value) in variables) all[name] = value;
        (all["messages"], all["add_generation_prompt"]) = (messages, addGenerationPrompt);
        try
        {
            return template.Render(all, all.Values.Sum(ChatValues.Letters), clock ?? TimeProvider.System);
        }
        catch (TemplateError e)
        {
            throw ChatException.Of(source.File, e);
        }
    }

    /// <summary>Its line.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Html.Text(ToString())));

    /// <summary>Where it is from, and how it begins.</summary>
    public override string ToString() => $"Chat template of '{File}': {Excerpt.Text(Source)}";

    internal static ChatTemplate Of(ChatSource source)
    {
        try
        {
            return new(source, Template.Parse(source.Text));
        }
        catch (TemplateError e)
        {
            throw ChatException.Of(source.File, e);
        }
    }
}
