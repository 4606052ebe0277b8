using System.Buffers;
using System.Text;
using System.Text.Json;

namespace PatchKernel.Cli;

/// <summary>What <c>predict</c> found for one prompt.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Best">The best next tokens.</param>
/// <param name="Generation">What the model goes on with; null where nobody asked.</param>
internal sealed record PredictResult(string Model, Prompt Prompt, IReadOnlyList<TokenProbability> Best, Generation? Generation)
{
    private static readonly string[] Sides = ["clean", "corrupt"];

    /// <summary>Runs a prompt.</summary>
    public static PredictResult Of(
        LanguageModel model, Prompt prompt, int top, CancellationToken cancel, (int Count, GenerationOptions Options)? generate = null, IProgress<SweepProgress>? progress = null) => new(
        model.Name, prompt, model.Predict(prompt, top).Best,
        generate is var (count, options) ? model.Generate(prompt, count, options, progress: new TokenCount(progress, count), cancel: cancel) : null);

    /// <summary>One object of a prompt, or of a pair one object with <c>clean</c> and <c>corrupt</c>.</summary>
    public static string Json(IReadOnlyList<PredictResult> results, bool asChat)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, TokenFile.Readable))
        {
            if (results is [var only]) only.Write(json, asChat);
            else
            {
                json.WriteStartObject();
                foreach (var (name, result) in Sides.Zip(results))
                {
                    json.WritePropertyName(name);
                    result.Write(json, asChat);
                }
                json.WriteEndObject();
            }
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Write(Utf8JsonWriter json, bool asChat)
    {
        json.WriteStartObject();
        json.WriteString("model", Model);
        json.WriteString("prompt", Prompt.Text);
        if (asChat) json.WriteBoolean("as_chat", true);
        TokenFile.WriteIds(json, "ids", Prompt.Ids);
        json.WriteStartArray("best");
        foreach (var (token, probability) in Best)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("token", token.Text);
            json.WriteNumber("probability", probability);
            json.WriteNumber("logit", token.Logit);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (Generation is { } generation)
        {
            TokenFile.WriteIds(json, "new_ids", generation.NewIds);
            json.WriteString("text", generation.Text);
        }
        json.WriteEndObject();
    }

    /// <summary>New tokens as a bar counts them.</summary>
    private sealed class TokenCount(IProgress<SweepProgress>? bar, int most) : IProgress<Target>
    {
        private int done;

        public void Report(Target value) => bar?.Report(new SweepProgress(++done, most));
    }
}
