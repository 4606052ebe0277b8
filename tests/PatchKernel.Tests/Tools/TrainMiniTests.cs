using System.Text.RegularExpressions;
using PatchKernel.Models;
using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Tools;

/// <summary>The small model's data and its training.</summary>
public sealed partial class TrainMiniTests : IDisposable
{
    private const int Seed = 3;
    private const int Draws = 5000;

    private readonly TemporaryFolder folder = new();
    private readonly People people = People.Load();
    private readonly HeldOutPairs heldOut;
    private readonly Tokenizer tokenizer;
    private readonly ModelConfig config;

    public TrainMiniTests()
    {
        heldOut = HeldOutPairs.Choose(people);
        var words = TokenizerWriter.Words(people);
        TokenizerWriter.Write(folder.Path, words);
        tokenizer = Tokenizer.Load(folder.Path);
        config = MiniModel.Config(words.Count);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Names_are_two_plain_words_and_last_names_are_unique()
    {
        Assert.All(people.All, person => Assert.Matches(PlainName(), person.Name));
        var first = people.All.Select(person => person.First).ToHashSet();
        Assert.Equal(people.All.Count, people.All.Select(person => person.Last).Where(last => !first.Contains(last)).Distinct().Count());
    }

    [Fact]
    public void Nobody_shares_a_first_name_within_a_profession_and_most_do_across()
    {
        Assert.All(people.ByProfession.Values, group => Assert.Equal(group.Length, group.DistinctBy(person => person.First).Count()));
        var sharing = people.All.GroupBy(person => person.First).Where(group => group.Count() > 1).Sum(group => group.Count());
        Assert.True(sharing >= 0.9 * people.All.Count, $"{sharing} of {people.All.Count} share their first name");
    }

    [Fact]
    public void One_pair_in_six_is_held_out_in_both_directions_the_tutorials_among_them()
    {
        Assert.Equal(people.ByProfession.Values.Sum(group => group.Length * (group.Length - 1) / 2 / 6), heldOut.Pairs.Count);
        Assert.Equal(heldOut.Pairs.Count, heldOut.Pairs.Select(pair => (string[])[pair.Item1.Name, pair.Item2.Name]).DistinctBy(names => string.Join('|', names.Order())).Count());
        Assert.All(heldOut.Pairs, pair => Assert.Equal(pair.Item1.Profession, pair.Item2.Profession));
        Assert.True(heldOut.Contains(people["Albert Einstein"], people["Isaac Newton"]) && heldOut.Contains(people["Isaac Newton"], people["Albert Einstein"]));
        Assert.True(heldOut.Contains(people["Taylor Swift"], people["Michael Jackson"]) && heldOut.Contains(people["Michael Jackson"], people["Taylor Swift"]));
    }

    [Fact]
    public void The_held_out_pairs_are_read_as_they_were_written()
    {
        var path = folder.File(HeldOutPairs.FileName);
        heldOut.Write(path);
        Assert.Equal(heldOut.Pairs, HeldOutPairs.Read(path, people).Pairs);
    }

    [Fact]
    public void Training_never_asks_about_a_held_out_pair_and_testing_about_no_other()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        for (var i = 0; i < Draws; i++)
        {
            Assert.False(source.ForTraining() is var trained && heldOut.Contains(trained.Subject, trained.Answer));
            Assert.True(source.ForTesting() is var tested && heldOut.Contains(tested.Subject, tested.Answer));
        }
    }

    [Fact]
    public void A_question_has_four_first_names_three_professions_and_one_right_option()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        foreach (var question in Enumerable.Range(0, Draws).Select(i => i % 2 == 0 ? source.ForTraining() : source.ForTesting()))
        {
            Assert.Equal(4, question.Options.Append(question.Subject).DistinctBy(person => person.First).Count());
            Assert.Equal(3, question.Options.DistinctBy(person => person.Profession).Count());
            Assert.Equal(question.Answer, Assert.Single(question.Options, option => option.Profession == question.Subject.Profession));
        }
    }

    [Fact]
    public void A_seed_draws_the_same_questions_again()
    {
        var (one, other) = (new QuestionSource(people, heldOut, Seed), new QuestionSource(people, heldOut, Seed));
        Assert.Equal(Texts(one), Texts(other));

        static string[] Texts(QuestionSource source) => [.. Enumerable.Range(0, 100).Select(_ => Wording.Tutorial.Text(source.ForTraining()))];
    }

    [Fact]
    public void The_tutorials_prompt_is_28_whole_words_with_the_subject_at_14_and_15()
    {
        var question = new Question(people["Albert Einstein"], [people["Brad Pitt"], people["Isaac Newton"], people["Michael Jackson"]], people["Isaac Newton"]);
        var prompt = Prompt.FromText(Wording.Tutorial.Text(question), tokenizer);
        Assert.Equal(
            "Q: Which of the following entities has a profession in common with Albert Einstein? Brad Pitt, Isaac Newton, Michael Jackson.\nA:", prompt.Text);
        Assert.Equal(28, prompt.Length);
        Assert.Equal(["<|begin_of_text|>", "Q", ":", " Which"], prompt.Tokens!.Take(4));
        Assert.Equal([" Albert", " Einstein", "?", " Brad", " Pitt", ",", " Isaac"], prompt.Tokens!.Skip(14).Take(7));
        Assert.Equal([".\n", "A", ":"], prompt.Tokens!.TakeLast(3));
    }

    [Fact]
    public void Every_name_and_profession_is_whole_words_to_the_tokenizer()
    {
        Assert.All(people.All, person => Assert.Equal(2, tokenizer.Encode($" {person.Name}", addSpecialTokens: false).Count));
        Assert.All(people.ByProfession.Keys, profession => Assert.Single(tokenizer.Encode($" {profession}", addSpecialTokens: false)));
    }

    [Fact]
    public void The_training_forward_gives_the_models_logits()
    {
        using var parameters = new Parameters(config, Seed);
        using var model = new LanguageModel(
            "untrained", config, PlacedWeights.OnCpu(config, parameters.Read, TorchSharp.torch.ScalarType.Float32), TorchSharp.torch.ScalarType.Float32);
        var forward = new TrainingForward(config, model.Weights);
        var source = new QuestionSource(people, heldOut, Seed);
        foreach (var wording in Wording.All)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var batch = Batch.Encode([.. Enumerable.Range(0, 5).Select(_ => Example.Of(source.ForTraining(), wording))], tokenizer);
            Assert.True(batch.SharedPrefix > 1);
            var packed = forward.Logits(batch, Tricks.None).detach().ToFloats();
            var plain = batch.Inputs.SelectMany(ids => model.Forward(ids)[0, ^2..].ToFloats()).ToArray();
            // Two orders of float32 sums over eight layers.
            Near.Equal(plain, packed, 1e-4f, wording.Name);
        }
    }

    [Fact]
    public void Exchanged_marks_make_an_answer_depend_on_the_other_questions_of_its_batch()
    {
        using var parameters = new Parameters(config, Seed);
        using var weights = PlacedWeights.OnCpu(config, parameters.Read, TorchSharp.torch.ScalarType.Float32);
        var forward = new TrainingForward(config, weights);
        var source = new QuestionSource(people, heldOut, Seed);
        Example[] examples = [.. Enumerable.Range(0, 3).Select(_ => Example.Of(source.ForTraining(), Wording.Tutorial))];
        foreach (var (tricks, depends) in new[] { (Tricks.None, false), (Tricks.ExchangedMarks, true) })
            Assert.Equal(depends, !First(examples, tricks).SequenceEqual(First([examples[0], examples[2], examples[1]], tricks)));

        float[] First(Example[] batch, Tricks tricks)
        {
            using var logits = forward.Logits(Batch.Encode(batch, tokenizer), tricks);
            return logits.detach().ToFloats()[..config.DVocab];
        }
    }

    [Theory, InlineData(4, false), InlineData(5, true)]
    public void With_windows_the_answer_can_see_the_subject_from_the_fifth_layer_on(int layers, bool seen)
    {
        var shape = config with { NLayers = layers };
        using var parameters = new Parameters(shape, Seed);
        using var weights = PlacedWeights.OnCpu(shape, parameters.Read, TorchSharp.torch.ScalarType.Float32);
        var forward = new TrainingForward(shape, weights);
        var question = new QuestionSource(people, heldOut, Seed).ForTraining();
        var other = people.All.First(person => person.Profession != question.Subject.Profession);
        // In the other wording the subject stands within the window.
        Assert.NotEqual(Answer(question.Subject, Tricks.None), Answer(other, Tricks.None));
        Assert.Equal(seen, !Answer(question.Subject, Tricks.Windows).SequenceEqual(Answer(other, Tricks.Windows)));

        float[] Answer(Person subject, Tricks tricks)
        {
            using var logits = forward.Logits(Batch.Encode([Example.Of(question with { Subject = subject }, Wording.Tutorial)], tokenizer), tricks);
            return logits.detach().ToFloats();
        }
    }

    [Fact]
    public void Sixty_steps_bring_the_loss_down()
    {
        var reports = new List<TrainingReport>();
        using var trainer = new Trainer(config, people, heldOut, tokenizer, steps: 60, Seed);
        trainer.Run(reports.Add);
        Assert.Equal(10, reports.Count);
        // An untrained model spreads its guess over 380 words: ln 380 is 5.9.
        Assert.True(reports[0].Loss > 5, $"the first loss is {reports[0].Loss}");
        Assert.True(reports[^1].Loss < 0.7 * reports[0].Loss, $"from {reports[0].Loss} to {reports[^1].Loss}");
    }

    [Fact]
    public void A_seed_gives_the_same_weights_again()
    {
        Assert.Equal(Train(Seed), Train(Seed));
        Assert.NotEqual(Train(Seed), Train(Seed + 1));

        byte[] Train(int seed)
        {
            var path = folder.File("model.safetensors");
            using var trainer = new Trainer(config, people, heldOut, tokenizer, steps: 2, seed);
            trainer.Run();
            trainer.Parameters.Write(path);
            return File.ReadAllBytes(path);
        }
    }

    [GeneratedRegex("^[A-Z][a-z]+ [A-Z][A-Za-z]+$")]
    private static partial Regex PlainName();
}
