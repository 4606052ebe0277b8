using PatchKernel.Templates;
using PatchKernel.Text;

namespace PatchKernel.Chat;

/// <summary>A chat template gives no text.</summary>
internal sealed class ChatException : PatchKernelException
{
    private ChatException(string message, TemplateError cause) : base(message, cause) =>
        Reason = cause.Fault is TemplateFault.Raised or TemplateFault.Failed ? cause.Message : Message;

    /// <summary>What transformers says, in its words, where it says something; else the sentence.</summary>
    public string Reason { get; }

    /// <summary>The sentence of a template's error.</summary>
    /// <param name="file">The file that has the template.</param>
    /// <param name="error">The error.</param>
    public static ChatException Of(string file, TemplateError error)
    {
        var what = Excerpt.Text(error.Message.Replace('"', '\'')).TrimEnd('.', ' ');
        var where = error.Line > 0 ? FormattableString.Invariant($", line {error.Line}") : "";
        return new($"The chat template of '{file}'{where} {Ending(error.Fault, what)}.", error);
    }

    private static string Ending(TemplateFault fault, string what) => fault switch
    {
        TemplateFault.Raised => $"refuses these messages: \"{what}\"",
        TemplateFault.Failed => $"fails on these messages: \"{what}\"",
        TemplateFault.Unsupported => $"uses {what.Replace('\'', '"')}, which isn't supported: write the prompt's text as the template would",
        TemplateFault.Syntax => $"isn't valid: \"{what}\"",
        _ => $"isn't believed: {what}",
    };
}
