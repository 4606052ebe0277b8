using TorchSharp;

namespace PatchKernel.Tests.Taps;

/// <summary>A number in a lambda is that number, whatever the garbage collector does meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class ScalarStressTests
{
    private const int Operations = 4000;

    [Fact]
    public void Arithmetic_is_exact_beside_forced_collections()
    {
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        var wrong = new int[3];
        try
        {
            Thread[] threads = [.. wrong.Select((_, index) => new Thread(() => wrong[index] = Wrong(index)))];
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
        Assert.Equal([0, 0, 0], wrong);
    }

    // A lost number shows once in millions of operations; what loses one shows in the code. Tests are read too: they run in parallel, and one's collection can free another's number.
    [Theory, InlineData("PatchKernel"), InlineData("PatchKernel.Checkpoints"), InlineData("PatchKernel.Experiments"), InlineData("PatchKernel.Notebooks"), InlineData("PatchKernel.Cli"), InlineData("PatchKernel.Tests"), InlineData("PatchKernel.TrainMini")]
    public void No_number_is_handed_to_TorchSharp_without_being_held(string library) =>
        Assert.DoesNotContain(
            ScalarUses.In(Path.Combine(AppContext.BaseDirectory, $"{library}.dll"), holder: typeof(PatchKernel.Models.Scalars).FullName),
            use => !use.StartsWith($"{typeof(ScalarStressTests).FullName}.{nameof(Losing)} ", StringComparison.Ordinal));

    [Fact]
    public void One_that_is_would_be_found() => Assert.Equal(
        ["op_Multiply", "op_Addition"],
        ScalarUses.In(typeof(ScalarStressTests).Assembly.Location).Where(use => use.Contains($".{nameof(Losing)} → ", StringComparison.Ordinal)).Select(use => use.Split(' ')[^1]));

    private static torch.Tensor Losing(torch.Tensor value) => value * 0.5 + value;

    /// <summary>How many of many operations give another number than they should; numbers of which none comes twice.</summary>
    private static int Wrong(int thread)
    {
        using var scope = torch.NewDisposeScope();
        ActivationValue ones = torch.ones(8);
        var wrong = 0;
        for (var i = 1; i <= Operations; i++)
        {
            using var each = torch.NewDisposeScope();
            var number = i + thread / 4.0;
            if (!Is(ones * number, number) || !Is(ones + number, 1 + number) || !Is(number - ones, number - 1) || !Is(number * ones / number, 1)
                || !Is(number / ones, number) || !Is(ones + ones, 2) || !Is(ones - ones, 0))
                wrong++;
        }
        return wrong;

        static bool Is(ActivationValue value, double expected) => value.ToFloats().All(entry => entry == (float)expected);
    }
}
