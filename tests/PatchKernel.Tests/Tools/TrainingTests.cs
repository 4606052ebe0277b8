using PatchKernel.Models;
using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Tools;

/// <summary>The small model's training: its forward pass, what it restricts, and that it learns.</summary>
public sealed class TrainingTests : IDisposable
{
    private const int Seed = 3;

    private readonly TemporaryFolder folder = new();
    private readonly People people = People.Load();
    private readonly HeldOutPairs heldOut;
    private readonly Tokenizer tokenizer;
    private readonly ModelConfig config;

    public TrainingTests()
    {
        heldOut = HeldOutPairs.Choose(people);
        var words = TokenizerWriter.Words(people);
        TokenizerWriter.Write(folder.Path, words);
        tokenizer = Tokenizer.Load(folder.Path);
        config = MiniModel.Config(words.Count);
    }

    public void Dispose() => folder.Dispose();

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
            var packed = forward.Logits(batch, TrainMini.Circuit.Free).detach().ToFloats();
            var plain = batch.Inputs.SelectMany(ids => model.Forward(ids)[0, ^2..].ToFloats()).ToArray();
            // Two orders of float32 sums over eight layers.
            Near.Equal(plain, packed, 1e-4f, wording.Name);
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
        var one = new TrainMini.Circuit(TrainMini.Circuit.Free.Sees, (at, place) => at == layer && place == pos && tricks.Exchanges(at, place));
        Assert.Equal(exchanged, !First(examples, one).SequenceEqual(First([examples[0], examples[2], examples[1]], one)));
        Assert.Equal(First(examples, TrainMini.Circuit.Free), First([examples[0], examples[2], examples[1]], TrainMini.Circuit.Free));

        float[] First(Example[] batch, TrainMini.Circuit used)
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
        var sight = Wording.Tutorial.Circuit(Batch.Encode([Example.Of(question, Wording.Tutorial)], tokenizer).Roles!) with { Exchanges = TrainMini.Circuit.Free.Exchanges };
        Assert.NotEqual(Answer(question.Subject, TrainMini.Circuit.Free), Answer(other, TrainMini.Circuit.Free));
        Assert.Equal(known, !Answer(question.Subject, sight).SequenceEqual(Answer(other, sight)));

        float[] Answer(Person subject, TrainMini.Circuit circuit)
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
            using var logits = forward.Logits(batch, TrainMini.Circuit.Free, transplant);
            return logits.detach().ToFloats()[(example * config.DVocab)..((example + 1) * config.DVocab)];
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
}
