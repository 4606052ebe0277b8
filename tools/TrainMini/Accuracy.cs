using static TorchSharp.torch;

namespace PatchKernel.TrainMini;

/// <summary>How often a model answers right.</summary>
/// <param name="FirstToken">Share of questions after which the answer's first name is the best next token.</param>
/// <param name="FullName">Share of questions of which the last name comes first too, once the first name is given.</param>
internal sealed record Accuracy(double FirstToken, double FullName)
{
    private const int BatchSize = 100;

    /// <summary>Asks questions about pairs that training never saw.</summary>
    /// <param name="model">The model, with its tokenizer, on the CPU.</param>
    /// <param name="source">Draws the questions.</param>
    /// <param name="wording">How they are put.</param>
    /// <param name="count">How many.</param>
    public static Accuracy OnHeldOut(LanguageModel model, QuestionSource source, Wording wording, int count)
    {
        using var noGrad = no_grad();
        var forward = new TrainingForward(model.Config, model.Weights);
        var (first, full) = (0L, 0L);
        foreach (var size in Enumerable.Repeat(BatchSize, count / BatchSize).Append(count % BatchSize).Where(size => size > 0))
        {
            using var scope = NewDisposeScope();
            var examples = Enumerable.Range(0, size).Select(_ => Example.Of(source.ForTesting(), wording)).ToList();
            var batch = Batch.Encode(examples, model.Tokenizer!);
            var right = forward.Logits(batch, Circuit.Free).argmax(-1).eq(tensor(batch.Targets)).view(size, batch.AnswerLength);
            first += right[.., 0].sum().item<long>();
            full += right.all(1).sum().item<long>();
        }
        return new Accuracy((double)first / count, (double)full / count);
    }
}
