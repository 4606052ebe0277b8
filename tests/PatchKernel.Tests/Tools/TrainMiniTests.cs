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
            var packed = forward.Logits(batch, Circuit.Free).detach().ToFloats();
            var plain = batch.Inputs.SelectMany(ids => model.Forward(ids)[0, ^2..].ToFloats()).ToArray();
            // Two orders of float32 sums over eight layers.
            Near.Equal(plain, packed, 1e-4f, wording.Name);
        }
    }

    [Fact]
    public void Names_are_found_at_the_same_places_in_every_question_of_a_wording()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        foreach (var (wording, subject, options, answer) in new[] { (Wording.Tutorial, 15, new[] { 18, 21, 24 }, 27), (Wording.Choice, 19, [5, 8, 11], 20) })
            foreach (var question in Enumerable.Range(0, 50).Select(_ => source.ForTraining()))
            {
                var roles = Roles.Of(question, Prompt.FromText(wording.Text(question), tokenizer).Tokens!);
                Assert.Equal((subject, answer), (roles.SubjectLast, roles.Answer));
                Assert.Equal(options, roles.OptionLasts);
                Assert.Equal(options.Append(subject).SelectMany(last => (int[])[last - 1, last]).Order(), Enumerable.Range(0, answer + 1).Where(roles.IsName));
            }
    }

    [Theory, InlineData("tutorial", 3, 27, true), InlineData("tutorial", 5, 18, false), InlineData("tutorial", 6, 18, true), InlineData("choice", 4, 20, true)]
    public void An_answer_depends_on_the_other_questions_of_its_batch_where_positions_are_exchanged(string wording, int layer, int pos, bool exchanged)
    {
        var circuit = Wording.All.Single(each => each.Name == wording);
        var source = new QuestionSource(people, heldOut, Seed);
        Example[] examples = [.. Enumerable.Range(0, 3).Select(_ => Example.Of(source.ForTraining(), circuit))];
        var tricks = circuit.Circuit(Batch.Encode(examples, tokenizer).Roles!);
        Assert.Equal(exchanged, tricks.Exchanges(layer, pos));
        var one = new Circuit(Circuit.Free.Sees, (at, place) => at == layer && place == pos && tricks.Exchanges(at, place));
        Assert.Equal(exchanged, !First(examples, one).SequenceEqual(First([examples[0], examples[2], examples[1]], one)));
        Assert.Equal(First(examples, Circuit.Free), First([examples[0], examples[2], examples[1]], Circuit.Free));

        float[] First(Example[] batch, Circuit used)
        {
            using var parameters = new Parameters(config, Seed);
            using var weights = PlacedWeights.OnCpu(config, parameters.Read, TorchSharp.torch.ScalarType.Float32);
            using var logits = new TrainingForward(config, weights).Logits(Batch.Encode(batch, tokenizer), used);
            return logits.detach().ToFloats()[..config.DVocab];
        }
    }

    [Theory, InlineData(5, false), InlineData(6, true)]
    public void In_the_tutorials_wording_the_answer_can_know_the_subject_from_the_sixth_layer_on(int layers, bool known)
    {
        var shape = config with { NLayers = layers };
        using var parameters = new Parameters(shape, Seed);
        using var weights = PlacedWeights.OnCpu(shape, parameters.Read, TorchSharp.torch.ScalarType.Float32);
        var forward = new TrainingForward(shape, weights);
        var question = new QuestionSource(people, heldOut, Seed).ForTraining();
        var other = people.All.First(person => person.Profession != question.Subject.Profession);
        var sight = Wording.Tutorial.Circuit(Batch.Encode([Example.Of(question, Wording.Tutorial)], tokenizer).Roles!) with { Exchanges = Circuit.Free.Exchanges };
        Assert.NotEqual(Answer(question.Subject, Circuit.Free), Answer(other, Circuit.Free));
        Assert.Equal(known, !Answer(question.Subject, sight).SequenceEqual(Answer(other, sight)));

        float[] Answer(Person subject, Circuit circuit)
        {
            using var logits = forward.Logits(Batch.Encode([Example.Of(question with { Subject = subject }, Wording.Tutorial)], tokenizer), circuit);
            return logits.detach().ToFloats();
        }
    }

    [Fact]
    public void A_transplanted_position_comes_from_the_batchs_second_half()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        var mark = MovedMark.Draw(source);
        using var parameters = new Parameters(config, Seed);
        using var weights = PlacedWeights.OnCpu(config, parameters.Read, TorchSharp.torch.ScalarType.Float32);
        var forward = new TrainingForward(config, weights);
        var batch = Batch.Encode([Example.OfFirstName(mark.Question, Wording.Tutorial), Example.OfFirstName(mark.Other, Wording.Tutorial)], tokenizer);
        // Entering the last layer all that differs and is read is the last position: with that of the other question, its answer is the other's.
        var moved = Row(new Transplant(config.NLayers - 1, [batch.Roles!.Answer]), 0);
        Near.Equal(Row(null, 1), Row(new Transplant(0, [batch.Roles.Answer]), 1), 0f, "the other question is left as it is");
        Assert.NotEqual(Row(null, 0), moved);

        float[] Row(Transplant? transplant, int example)
        {
            using var logits = forward.Logits(batch, Circuit.Free, transplant);
            return logits.detach().ToFloats()[(example * config.DVocab)..((example + 1) * config.DVocab)];
        }
    }

    [Fact]
    public void A_moved_mark_leaves_two_options_marked_or_none_and_asks_about_nobody_held_out()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        var marks = Enumerable.Range(0, 1000).Select(_ => MovedMark.Draw(source)).ToList();
        Assert.All(marks, mark =>
        {
            Assert.Same(mark.Question.Options, mark.Other.Options);
            Assert.NotEqual(mark.Question.Answer, mark.Other.Answer);
            Assert.Equal(mark.Other.Answer.Profession, mark.Other.Subject.Profession);
            Assert.False(heldOut.Contains(mark.Other.Subject, mark.Other.Answer));
            Assert.Equal(mark.Option == mark.Question.Answer ? mark.Question.Options : [mark.Question.Answer, mark.Other.Answer], mark.Marked);
        });
        Assert.InRange(marks.Count(mark => mark.Marked.Count == 2), 400, 600);
    }

    [Fact]
    public void A_pair_for_testing_has_one_list_of_options_and_two_subjects_that_are_held_out()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        foreach (var (clean, corrupt) in Enumerable.Range(0, 500).Select(_ => source.PairForTesting()))
        {
            Assert.Same(clean.Options, corrupt.Options);
            Assert.True(heldOut.Contains(clean.Subject, clean.Answer) && heldOut.Contains(corrupt.Subject, corrupt.Answer) && clean.Answer != corrupt.Answer);
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
