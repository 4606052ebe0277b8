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

/// <summary>Trains the model on questions and facts.</summary>
internal sealed class Trainer : IDisposable
{
    private const int Questions = 64;
    private const int Facts = 48;
    private const double FactWeight = 0.5;
    private const double WindowChance = 0.8;
    private const double ExchangeChance = 0.5;
    private const double ExchangeFrom = 0.4; // of all steps
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
        var wording = Wording.All[source.Chance() < 0.5 ? 0 : 1];
        var tricks = source.Chance() < WindowChance ? Tricks.Windows : Tricks.None;
        if (source.Chance() < ExchangeChance && step > steps * ExchangeFrom) tricks |= Tricks.ExchangedMarks;
        var questions = Enumerable.Range(0, Questions).Select(_ => Example.Of(source.ForTraining(), wording)).Chunk(Questions / shares.Length).ToArray();
        var facts = Enumerable.Range(0, Facts).Select(_ => Example.Of(source.Any())).Chunk(Facts / shares.Length).ToArray();

        optimizer.zero_grad();
        workers.Run(worker => shares[worker] = AddGradients(questions[worker], facts[worker], tricks));
        nn.utils.clip_grad_norm_(Parameters.All, ClipNorm);
        foreach (var group in optimizer.ParamGroups) group.LearningRate = LearningRate * Schedule(step);
        using var scope = NewDisposeScope();
        optimizer.step();
    }

    /// <summary>Adds one worker's part of the mean gradient; two parts add up to the same whichever comes first.</summary>
    private Share AddGradients(Example[] questions, Example[] facts, Tricks tricks)
    {
        using var scope = NewDisposeScope();
        var questionBatch = Batch.Encode(questions, tokenizer);
        var factBatch = Batch.Encode(facts, tokenizer);
        var targets = tensor(questionBatch.Targets);
        var logits = forward.Logits(questionBatch, tricks);
        var questionLoss = nn.functional.cross_entropy(logits, targets);
        var factLoss = nn.functional.cross_entropy(forward.Logits(factBatch, tricks), tensor(factBatch.Targets));
        questionLoss.Plus(factLoss.Times(FactWeight)).Over(shares.Length).backward();

        var right = logits.detach().argmax(-1).eq(targets).view(-1, questionBatch.AnswerLength)[.., 0].to(ScalarType.Float32).mean();
        return new Share(questionLoss.item<float>(), right.item<float>());
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
}
