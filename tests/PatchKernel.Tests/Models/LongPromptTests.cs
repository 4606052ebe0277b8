using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Models;

/// <summary>Prompts whose whole attention patterns would be too large: they are computed in blocks, with the same numbers.</summary>
[Collection(nameof(Alone))]
public sealed class LongPromptTests : IDisposable
{
    private readonly LanguageModel model = RandomModel.Create();

    public void Dispose() => model.Dispose();

    // Four heads: 1,448 tokens have a pattern of MostScores, one more has blocks; the MLP's are of 1,024 positions.
    [Theory, InlineData(1448), InlineData(1449), InlineData(3000)]
    public void Logits_do_not_depend_on_who_sees_the_pattern(int length)
    {
        int[] ids = [.. Enumerable.Range(0, length).Select(pos => pos * 7 % 50)];
        var watching = new Watching();
        var whole = model.NextTokenLogits(ids, watching);
        Assert.Equal([length, length, length], watching.Keys);
        Near.Equal(whole, model.NextTokenLogits(ids), 1e-4f, $"{length} tokens");
    }

    [Fact]
    public void Nobody_holds_the_pattern_where_nobody_sees_it()
    {
        int[] ids = [.. Enumerable.Range(0, 6000).Select(pos => pos * 7 % 50)];
        var largest = 4L * ids.Length * ids.Length * sizeof(float); // 576 MB
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a system that tells how large the process was");
        File.WriteAllText("/proc/self/clear_refs", "5"); // the peak counts from here on
        var before = Status("VmRSS");
        model.NextTokenLogits(ids);
        var grown = Status("VmHWM") - before;
        Assert.True(grown < largest, $"{grown} bytes"); // the whole one would be there four times

        static long Status(string key) => 1024 * long.Parse(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith(key + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void What_cannot_fit_is_one_sentence_before_it_starts()
    {
        var ids = new int[200_000];
        Assert.Matches(@"^Keeping so many activations of 200,000 tokens takes at least [0-9.]+ GB of memory beside the weights, and [0-9.]+ .?B is free: close other programs, or shorten the prompts\.$",
            Assert.Throws<PatchKernelException>(() => model.RunWithCache(ids)).Message);
        Assert.StartsWith("A run of 200,000 tokens, with their whole attention pattern, takes at least ",
            Assert.Throws<PatchKernelException>(() => model.NextTokenLogits(ids, new Watching())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 3, new long[] { 3, 3, 3, 1 })]
    [InlineData(3, 3, new long[] { 3 })]
    [InlineData(2, 100, new long[] { 2 })]
    public void Blocks_cover_the_queries_once(long queries, long most, long[] expected)
    {
        var blocks = QueryBlocks.Of(queries, most).ToList();
        Assert.Equal(expected, blocks.Select(block => block.Count));
        Assert.Equal(blocks.Select((_, index) => index * most), blocks.Select(block => block.From));
    }

    /// <summary>Sees every pattern, and changes nothing.</summary>
    private sealed class Watching : ITap
    {
        public List<int> Keys { get; } = [];

        public torch.Tensor Visit(Activation activation, int layer, torch.Tensor value)
        {
            if (activation == Activation.Pattern) Keys.Add((int)value.shape[^1]);
            return value;
        }
    }
}
