using System.Security.Cryptography;
using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Models;

/// <summary>What the shipped small model's card says, measured from its weights.</summary>
public sealed class MiniModelTests : IDisposable
{
    private const int TestQuestions = 2000;
    private const int TestSeed = 1;
    private const int FirstDifference = 14;
    private const int LastOfSubject = 15;

    private static readonly string Folder = TestData.InRepository("models", "mini");
    private readonly LanguageModel model = LanguageModel.Load(Folder, device: "cpu");
    private readonly People people = People.Load();

    public void Dispose() => model.Dispose();

    [Fact]
    public void The_folder_is_an_ordinary_checkpoint_of_less_than_6_megabytes()
    {
        Assert.Empty(model.Warnings);
        string[] files = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "held-out.json", "README.md"];
        Assert.True(files.Sum(file => new FileInfo(Path.Combine(Folder, file)).Length) < 6_000_000);
    }

    [Fact]
    public void The_card_names_the_weights_that_ship_and_everybody_they_know()
    {
        var card = File.ReadAllText(Path.Combine(Folder, "README.md"));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "model.safetensors")))), card);
        Assert.All(people.All, person => Assert.Contains(person.Name, card));
        Assert.All(people.ByProfession.Keys, profession => Assert.Contains(profession, card));
    }

    [Fact]
    public void The_held_out_pairs_are_those_that_training_leaves_out() =>
        Assert.Equal(HeldOutPairs.Choose(people).Pairs, HeldOut().Pairs);

    [Fact]
    public void At_least_99_of_100_questions_on_pairs_that_training_never_saw_are_answered_right()
    {
        var accuracy = Accuracy.OnHeldOut(model, new QuestionSource(people, HeldOut(), TestSeed), Wording.Tutorial, TestQuestions);
        Assert.True(accuracy.FirstToken >= 0.99, $"{accuracy}");
    }

    [Fact]
    public void Every_persons_profession_is_known() => Assert.All(people.All, person =>
        Assert.Equal($" {person.Profession}", Best(model.Tokenizer!.Encode(Example.Of(person).Prompt))));

    [Fact]
    public void Every_pair_for_this_model_has_its_targets_first()
    {
        var pairs = PromptBook.Load(TestData.InRepository("data", "prompts.json")).Pairs.Where(pair => pair.For("mini") is not null).ToList();
        Assert.NotEmpty(pairs);
        foreach (var pair in pairs)
        {
            Assert.Equal(pair.Clean.Target, Best(model.Tokenizer!.Encode(pair.CleanText)));
            Assert.Equal(pair.Corrupt.Target, Best(model.Tokenizer!.Encode(pair.CorruptText)));
        }
    }

    [Theory, InlineData("target_logit"), InlineData("logit_diff")]
    public void The_subject_decides_in_early_layers_and_the_last_token_in_late_ones(string metric)
    {
        var definition = PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find("einstein");
        var result = Sweep.Run(model, PromptPair.FromDefinition(definition, model.Tokenizer!), new SweepOptions { Metric = Metric.Parse(metric) });
        var (layers, last) = (result.Shape[0], result.Shape[1] - 1);
        for (var layer = 0; layer < layers; layer++)
        {
            for (var pos = 0; pos <= last; pos++)
            {
                var (score, cell) = (result.Score(layer, pos), $"{result.Score(layer, pos)} at layer {layer}, position {pos}");
                if (pos < FirstDifference) Assert.True(score == 0, cell);
                else if (pos == LastOfSubject && layer < 4) Assert.True(score >= 0.9f, cell);
                else if (pos == last && layer >= 6) Assert.True(score >= 0.9f, cell);
                else if (pos != LastOfSubject && pos != last) Assert.True(Math.Abs(score) < 0.25f, cell);
            }
        }
        // Where the information has left, and where it hasn't arrived.
        Assert.True(Math.Abs(result.Score(layers - 1, LastOfSubject)) < 0.25f);
        Assert.True(Math.Abs(result.Score(0, last)) < 0.25f);
    }

    [Fact]
    public void A_name_that_the_vocabulary_lacks_is_an_error_with_near_names()
    {
        var error = Assert.Throws<PatchKernelException>(() => model.Tokenizer!.Encode("The profession of Albert Einstien is"));
        Assert.Contains("Einstien", error.Message, StringComparison.Ordinal);
        Assert.Contains("Einstein", error.Message, StringComparison.Ordinal);
    }

    private static HeldOutPairs HeldOut() => HeldOutPairs.Read(Path.Combine(Folder, HeldOutPairs.FileName), People.Load());

    private string Best(IReadOnlyList<int> ids)
    {
        var logits = model.NextTokenLogits(ids);
        return model.Tokenizer!.TokenText(Array.IndexOf(logits, logits.Max()));
    }
}
