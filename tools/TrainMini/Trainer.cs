using System.Diagnostics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.TrainMini;

/// <summary>How the last few steps went.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Mean loss since the report before, in nats an answer token.</param>
/// <param name="Accuracy">Share of the training's questions since then whose answer's first token came first.</param>
/// <param name="Elapsed">Time since the start.</param>
internal sealed record TrainingReport(int Step, double Loss, double Accuracy, TimeSpan Elapsed);

/// <summary>Trains the model on questions and facts, and places its circuit.</summary>
internal sealed class Trainer : IDisposable
{
    private const int Questions = 64;
    private const int Facts = 48;
    private const double FactWeight = 0.5;
    private const int MovedMarks = 32;
    private const double MovedMarkWeight = 0.5;
    private const double TutorialChance = 0.6;
    private const double SightChance = 0.85;
    private const double ExchangeChance = 0.7;
    private const double ExchangeFrom = 0.4; // of all steps
    private const double MovedMarkChance = 0.6;
    private const double MovedMarkFrom = 0.3; // of all steps
    private static readonly int[] MovedMarkLayers = [4, 5];
    private const double LearningRate = 2e-3;
    private const double LastLearningRate = 0.05; // of the highest
    private const int WarmUpSteps = 100;
    private const double ClipNorm = 1;

    private readonly int steps;
    private readonly Tokenizer tokenizer;
    private readonly QuestionSource source;
    private readonly TrainingForward forward;
    private readonly optim.Optimizer optimizer;
    private readonly Workers workers;
    private readonly Share[] shares;

    public Trainer(ModelConfig config, People people, HeldOutPairs heldOut, Tokenizer tokenizer, int steps, int seed)
    {
        (this.steps, this.tokenizer) = (steps, tokenizer);
        source = new QuestionSource(people, heldOut, seed);
        Parameters = new Parameters(config, seed);
        forward = new TrainingForward(config, PlacedWeights.OnCpu(config, Parameters.Read, ScalarType.Float32));
        optimizer = optim.AdamW(Parameters.All, LearningRate, beta1: 0.9, beta2: 0.98, weight_decay: 0.1);
        shares = new Share[Math.Clamp(Environment.ProcessorCount, 1, 2)];
        workers = new Workers(shares.Length);
    }

    /// <summary>The weights as they are now.</summary>
    public Parameters Parameters { get; }

    /// <summary>Trains from the first step to the last.</summary>
    /// <param name="report">Told about every hundred steps, or ten times in a short training.</param>
    public void Run(Action<TrainingReport>? report = null)
    {
        var clock = Stopwatch.StartNew();
        var every = Math.Clamp(steps / 10, 1, 100);
        var (loss, accuracy) = (0.0, 0.0);
        for (var step = 1; step <= steps; step++)
        {
            Step(step);
            loss += shares.Average(share => share.Loss) / every;
            accuracy += shares.Average(share => share.Accuracy) / every;
            if (step % every != 0) continue;
            report?.Invoke(new TrainingReport(step, loss, accuracy, clock.Elapsed));
            (loss, accuracy) = (0, 0);
        }
    }

    public void Dispose()
    {
        workers.Dispose();
        optimizer.Dispose();
        Parameters.Dispose();
    }

    private void Step(int step)
    {
        var plan = Draw(step);
        optimizer.zero_grad();
        workers.Run(worker => shares[worker] = AddGradients(plan, worker));
        nn.utils.clip_grad_norm_(Parameters.All, ClipNorm);
        foreach (var group in optimizer.ParamGroups) group.LearningRate = LearningRate * Schedule(step);
        using var scope = NewDisposeScope();
        optimizer.step();
    }

    /// <summary>Draws what a step trains on.</summary>
    private StepPlan Draw(int step)
    {
        var wording = source.Chance() < TutorialChance ? Wording.Tutorial : Wording.Choice;
        var sight = source.Chance() < SightChance;
        var exchange = source.Chance() < ExchangeChance && step > steps * ExchangeFrom;
        var move = source.Chance() < MovedMarkChance && step > steps * MovedMarkFrom && wording == Wording.Tutorial;
        var layer = MovedMarkLayers[source.Chance() < 0.5 ? 0 : 1];
        return new StepPlan(
            Split(Questions, () => Example.Of(source.ForTraining(), wording)), Split(Facts, () => Example.Of(source.Any())),
            move ? Split(MovedMarks, () => MovedMark.Draw(source)) : [], layer, Restricted);

        Circuit Restricted(Batch batch)
        {
            var circuit = wording.Circuit(batch.Roles!);
            return new Circuit(sight ? circuit.Sees : Circuit.Free.Sees, exchange ? circuit.Exchanges : Circuit.Free.Exchanges);
        }

        T[][] Split<T>(int count, Func<T> draw) => [.. Enumerable.Range(0, count).Select(_ => draw()).Chunk(count / shares.Length)];
    }

    /// <summary>Adds one worker's part of the mean gradient; two parts add up to the same whichever comes first.</summary>
    private Share AddGradients(StepPlan plan, int worker)
    {
        using var scope = NewDisposeScope();
        var questions = Batch.Encode(plan.Questions[worker], tokenizer);
        var facts = Batch.Encode(plan.Facts[worker], tokenizer);
        var targets = tensor(questions.Targets);
        var logits = forward.Logits(questions, plan.Circuit(questions));
        var questionLoss = nn.functional.cross_entropy(logits, targets);
        var factLoss = nn.functional.cross_entropy(forward.Logits(facts, Circuit.Free), tensor(facts.Targets));
        var loss = questionLoss.Plus(factLoss.Times(FactWeight));
        if (plan.Moved.Length > 0) loss = loss.Plus(MovedMarkLoss(plan, plan.Moved[worker]).Times(MovedMarkWeight));
        loss.Over(shares.Length).backward();

        var right = logits.detach().argmax(-1).eq(targets).view(-1, questions.AnswerLength)[.., 0].to(ScalarType.Float32).mean();
        return new Share(questionLoss.item<float>(), right.item<float>());
    }

    /// <summary>The loss on the answers' first tokens where an option's mark comes from a question about somebody else.</summary>
    private Tensor MovedMarkLoss(StepPlan plan, MovedMark[] moved)
    {
        using var scope = NewDisposeScope();
        var batch = Batch.Encode([.. moved.Select(mark => mark.Question).Concat(moved.Select(mark => mark.Other)).Select(question => Example.OfFirstName(question, Wording.Tutorial))], tokenizer);
        var transplant = new Transplant(plan.MovedLayer, [.. moved.Select(mark => batch.Roles!.OptionLasts[mark.Place])]);
        var logits = forward.Logits(batch, plan.Circuit(batch), transplant).narrow(0, 0, moved.Length);
        var targets = new float[moved.Length, logits.shape[1]];
        for (var i = 0; i < moved.Length; i++)
            foreach (var person in moved[i].Marked)
                targets[i, tokenizer.Encode($" {person.First}", addSpecialTokens: false)[0]] = 1f / moved[i].Marked.Count;
        return scope.MoveToOuter(nn.functional.cross_entropy(logits, tensor(targets)));
    }

    /// <summary>Up in a line, then down in half a cosine.</summary>
    private double Schedule(int step)
    {
        var warmUp = Math.Min(WarmUpSteps, steps / 4);
        if (step <= warmUp) return (double)step / warmUp;
        var done = (double)(step - warmUp) / Math.Max(1, steps - warmUp);
        return LastLearningRate + (1 - LastLearningRate) * (1 + Math.Cos(Math.PI * done)) / 2;
    }

    private readonly record struct Share(double Loss, double Accuracy);

    /// <summary>What a step trains on, by worker.</summary>
    private sealed record StepPlan(Example[][] Questions, Example[][] Facts, MovedMark[][] Moved, int MovedLayer, Func<Batch, Circuit> Circuit);
}
