namespace PatchKernel.TrainMini;

/// <summary>How often a model answers right.</summary>
/// <param name="FirstToken">Share of questions after which the answer's first name is the best next token.</param>
/// <param name="FullName">Share of questions of which the last name comes first too, once the first name is given.</param>
internal sealed record Accuracy(double FirstToken, double FullName)
{
    /// <summary>Asks questions about pairs that training never saw.</summary>
    /// <param name="model">The model, with its tokenizer.</param>
    /// <param name="source">Draws the questions.</param>
    /// <param name="wording">How they are put.</param>
    /// <param name="count">How many.</param>
    public static Accuracy OnHeldOut(Llama model, QuestionSource source, Wording wording, int count)
    {
        var tokenizer = model.Tokenizer!;
        var (firstRight, bothRight) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var example = Example.Of(source.ForTesting(), wording);
            var prompt = tokenizer.Encode(example.Prompt);
            var answer = tokenizer.Encode(example.Answer, addSpecialTokens: false);
            if (Best(model, prompt) != answer[0]) continue;
            firstRight++;
            if (Best(model, [.. prompt, answer[0]]) == answer[1]) bothRight++;
        }
        return new Accuracy((double)firstRight / count, (double)bothRight / count);
    }

    private static int Best(Llama model, IReadOnlyList<int> ids)
    {
        var logits = model.NextTokenLogits(ids);
        return Array.IndexOf(logits, logits.Max());
    }
}
