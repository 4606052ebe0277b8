using System.Security.Cryptography;
using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Models;

/// <summary>What the shipped small model's card says, measured from its weights.</summary>
public sealed class MiniModelTests : IDisposable
{
    private const int TestQuestions = 2000;
    private const int TestSeed = 1;

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

    [Fact]
    public void In_the_tutorials_wording_the_answer_takes_three_stages()
    {
        var stages = MiniStages.Of(Wording.Tutorial);
        foreach (var metric in Stages.Metrics)
        {
            float[] Of(string role) => stages.Scores[(metric.Name, role)];
            Held(Of(Stages.Subject), score => score > 0.9f, from: 0, to: 2);
            Held(Of(Stages.Right), score => score > 0.4f, from: 3, to: 4);
            Held(Of(Stages.Wrong), score => score > 0.3f, from: 3, to: 4);
            Held(Of(Stages.Last), score => score > 0.9f, from: 5, to: 7);
            Held(Of(Stages.Elsewhere), _ => false, from: 0, to: -1);
        }

        void Held(float[] scores, Func<float, bool> high, int from, int to) => Assert.All(
            Enumerable.Range(0, scores.Length), layer => Assert.True(layer >= from && layer <= to ? high(scores[layer]) : Math.Abs(scores[layer]) < 0.15f, $"layer {layer}\n{stages}"));
    }

    [Fact]
    public void In_the_other_wording_it_takes_two()
    {
        const int handsOver = 4;
        var stages = MiniStages.Of(Wording.Choice);
        foreach (var metric in Stages.Metrics)
            foreach (var role in new[] { Stages.Subject, Stages.Right, Stages.Wrong, Stages.Last, Stages.Elsewhere })
                for (var layer = 0; layer < stages.Layers; layer++)
                {
                    var (score, there) = (stages.Scores[(metric.Name, role)][layer], (role == Stages.Subject && layer < handsOver) || (role == Stages.Last && layer > handsOver));
                    var free = layer == handsOver && role is Stages.Subject or Stages.Last;
                    Assert.True(free || (there ? score > 0.9f : Math.Abs(score) < 0.15f), $"{metric.Name}, {role}, layer {layer}\n{stages}");
                }
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
