using System.Diagnostics;
using System.Globalization;
using PatchKernel.Models;

namespace PatchKernel.Benchmarks;

/// <summary>A checkpoint of over 6 GB, written on the spot, swept from disk and from memory: numbers, time and anonymous memory of both.</summary>
internal static class Streaming
{
    private static readonly ModelConfig Config = Shape.Of(layers: 16, dModel: 4096, heads: 32, kvHeads: 8, dMlp: 11008, vocabulary: 32000, tied: false);

    public static void Run(string folder)
    {
        Directory.CreateDirectory(folder);
        RandomCheckpoint.Write(folder, Config);
        var pair = new Shape("streamed", Config).Pair(28, seed: 1);
        var (streamed, streamedSeconds, streamedMemory) = Sweep(folder, Residency.Streamed, pair);
        var (resident, residentSeconds, residentMemory) = Sweep(folder, Residency.All, pair);
        var layer = WeightLayout.Layer(Config, 0).Sum(Elements) * sizeof(float) / 1048576.0;
        var deviation = streamed.CleanTarget.Zip(resident.CleanTarget, (a, b) => Math.Abs(a - b)).Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            checkpoint {Directory.GetFiles(folder, "*.safetensors").Sum(file => new FileInfo(file).Length) / 1e9:0.0} GB in bfloat16, computed in float32; one layer is {layer:0} MB
            streamed: {streamedSeconds:0.0} s, anonymous memory grew by {streamedMemory:0} MB, {streamedMemory / layer:0.0} layers
            resident: {residentSeconds:0.0} s, anonymous memory grew by {residentMemory:0} MB
            largest difference of a logit: {deviation}
            """));
    }

    private static (SweepResult Result, double Seconds, double Memory) Sweep(string folder, Residency residency, PromptPair pair)
    {
        var before = Machine.AnonymousMb();
        using var stop = new CancellationTokenSource();
        var peak = before;
        var watcher = Task.Run(() =>
        {
            while (!stop.Token.WaitHandle.WaitOne(10)) peak = Math.Max(peak, Machine.AnonymousMb());
        });
        var watch = Stopwatch.StartNew();
        SweepResult result;
        using (var model = LanguageModel.Load(folder, device: "cpu", residency: residency)) result = PatchKernel.Sweep.Run(model, pair);
        var seconds = watch.Elapsed.TotalSeconds;
        stop.Cancel();
        watcher.Wait();
        return (result, seconds, peak - before);
    }

    private static long Elements(WeightSpec weight) => weight.Shape.Aggregate(1L, (product, size) => product * size);
}
