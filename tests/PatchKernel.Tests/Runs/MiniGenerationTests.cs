namespace PatchKernel.Tests.Runs;

/// <summary>The mini model goes on with the tutorial's prompts.</summary>
public sealed class MiniGenerationTests : IDisposable
{
    private readonly LanguageModel model = LanguageModel.Load(TestData.InRepository("models", "mini"), device: "cpu");

    public void Dispose() => model.Dispose();

    [Fact]
    public void It_equals_a_loop_of_full_forwards_with_and_without_taps()
    {
        var pair = PromptPair.FromDefinition(PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find("einstein"), model.Tokenizer!);
        GenerationTests.Equal(model, pair.Clean.Ids, 20, _ => []);
        GenerationTests.Equal(model, pair.Corrupt.Ids, 20, _ => [Tap.Replace(Activation.Z, 5, value => value * 0.5, head: 1), Tap.Replace(Activation.MlpOut, value => value * 1.25)]);
        using var clean = model.RunWithCache(pair.Clean, Activation.ResidPost);
        GenerationTests.Equal(
            model, pair.Corrupt.Ids, 10, _ => [Tap.Replace(Activation.ResidPost, 2, value => value.WithPart(14, clean[Activation.ResidPost, 2].narrow(1, 14, 1).squeeze(1)))],
            Tap.Put(Activation.ResidPost, 2, 14, clean[Activation.ResidPost, 2]).OnPrompt());
    }

    [Fact]
    public void A_patched_question_is_answered_as_the_other_one()
    {
        var pair = PromptPair.FromDefinition(PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find("einstein"), model.Tokenizer!);
        var subject = pair.DifferingPositions[^1];
        using var clean = model.RunWithCache(pair.Clean, Activation.ResidPost);
        Assert.StartsWith(" Michael Jackson", model.Generate(pair.Corrupt, 3).Text, StringComparison.Ordinal);
        var patched = model.Generate(pair.Corrupt, 3, Tap.Put(Activation.ResidPost, 2, subject, clean[Activation.ResidPost, 2]));
        Assert.StartsWith(" Isaac Newton", patched.Text, StringComparison.Ordinal);
        Assert.Contains("→ \" Isaac Newton", patched.ToString(), StringComparison.Ordinal);
    }
}
