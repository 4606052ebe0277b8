namespace PatchKernel.Tests;

/// <summary>The stop button of what hosts the library.</summary>
[Collection(nameof(Alone))]
public sealed class HostStopTests : IDisposable
{
    private readonly Func<CancellationToken>? before = HostStop.Button;

    [Fact]
    public void The_callers_token_goes_before_the_hosts()
    {
        using var own = new CancellationTokenSource();
        HostStop.Button = () => new CancellationToken(canceled: true);
        Assert.Equal(own.Token, HostStop.Or(own.Token));
        Assert.True(HostStop.Or(CancellationToken.None).IsCancellationRequested);
        HostStop.Button = null;
        Assert.Equal(CancellationToken.None, HostStop.Or(CancellationToken.None));
    }

    [Fact]
    public void Whatever_takes_long_asks_for_it()
    {
        using var model = LanguageModel.Load(CliRun.Tiny);
        var pair = PromptPair.FromIds([1, 2, 3], [1, 2, 4], 5, 6);
        Action[] calls =
        [
            () => Sweep.Run(model, pair), () => LogitLens.Run(model, pair), () => Baseline.Run(model, pair), () => model.Forward([1]).Dispose(),
            () => model.NextTokenLogits([1]), () => model.Predict(new Prompt(null, [1], null)), () => model.RunWithCache([1]).Dispose(),
            () => model.Run([1]), () => model.Generate([1], 2),
            () => LanguageModel.Load(CliRun.Tiny).Dispose(), () => LanguageModel.Load(Checkpoint.Open(CliRun.Tiny)).Dispose(),
        ];
        foreach (var call in calls) call();
        HostStop.Button = () => new CancellationToken(canceled: true);
        Assert.All(calls, call => Assert.ThrowsAny<OperationCanceledException>(call));
    }

    public void Dispose() => HostStop.Button = before;
}
