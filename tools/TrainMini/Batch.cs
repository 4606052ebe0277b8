namespace PatchKernel.TrainMini;

/// <summary>Examples of one wording, as the model reads them: equally long, with names and marks at the same places.</summary>
/// <param name="Inputs">Each example's ids: the prompt and the answer, but for its last token.</param>
/// <param name="Targets">Each example's answer, in turn: what should be predicted at the last positions.</param>
/// <param name="Roles">What is where in each of them; null of facts.</param>
internal sealed record Batch(IReadOnlyList<int[]> Inputs, long[] Targets, Roles? Roles)
{
    /// <summary>Number of examples.</summary>
    public int Size => Inputs.Count;

    /// <summary>Positions of an example.</summary>
    public int Length => Inputs[0].Length;

    /// <summary>Tokens of an answer.</summary>
    public int AnswerLength => Targets.Length / Size;

    /// <summary>How many leading positions hold the same id in every example; the last one is never counted.</summary>
    public int SharedPrefix
    {
        get
        {
            var pos = 0;
            while (pos < Length - AnswerLength && Inputs.All(ids => ids[pos] == Inputs[0][pos])) pos++;
            return pos;
        }
    }

    /// <summary>Encodes examples that share a wording.</summary>
    public static Batch Encode(IReadOnlyCollection<Example> examples, Tokenizer tokenizer)
    {
        var answers = examples.Select(example => tokenizer.Encode(example.Answer, addSpecialTokens: false)).ToList();
        var inputs = examples.Zip(answers, (example, answer) => tokenizer.Encode(example.Prompt).Concat(answer.SkipLast(1)).ToArray()).ToList();
        var first = examples.First();
        var roles = first.Question is { } question ? Roles.Of(question, [.. tokenizer.Encode(first.Prompt).Select(tokenizer.TokenText)]) : null;
        return new Batch(inputs, [.. answers.SelectMany(answer => answer.Select(id => (long)id))], roles);
    }
}
