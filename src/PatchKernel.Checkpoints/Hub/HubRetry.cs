using Polly;
using Polly.Retry;

namespace PatchKernel.Hub;

/// <summary>Retries after temporary failures, a few times, with growing waits.</summary>
internal static class HubRetry
{
    /// <summary>The longest wait that the hub may ask for; a longer one is an error at once.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>After the first try; with the waits between them, a quarter of a minute in all.</summary>
    public const int Retries = 5;

    /// <summary>The first wait between two tries, and the one after a try that brought enough.</summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5);

    /// <summary>Waits about 0.5, 1, 2, 4 and 8 seconds, or as long as the hub asks.</summary>
    public static ResiliencePipeline Create(TimeProvider clock) => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HubUnreachableException>(),
            MaxRetryAttempts = Retries,
            Delay = FirstWait,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            DelayGenerator = failed => ValueTask.FromResult((failed.Outcome.Exception as HubUnreachableException)?.Wait),
        })
        .Build();
}
