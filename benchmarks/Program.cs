using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using PatchKernel;
using PatchKernel.Benchmarks;
using PatchKernel.Costs;
using PatchKernel.Sweeps;
using PatchKernel.Torch;
using TorchSharp;

// Sweeps by the wavefront beside the naive loop, in one process with the same threads. Times are the best of a few runs, on machines that may be
// noisy: the ratios are what to read.
Option<string?> only = new("--only") { Description = "One shape alone: mini, smollm2 or 1b." };
Option<string?> json = new("--json") { Description = "Writes the table as JSON too." };
Option<bool> quick = new("--quick") { Description = "28 tokens and one pair alone." };
Option<string?> stream = new("--stream") { Description = "Instead: writes a checkpoint of over 6 GB into this folder, and sweeps it from disk." };
Option<bool> longPrompts = new("--long") { Description = "Instead: sweeps of prompts of 512 to 2,048 tokens, with the memory that they take." };
Option<bool> edges = new("--edges") { Description = "Instead: edges of GPT-2 small's shape, exactly and by estimates, in forwards." };
Option<bool> busy = new("--busy") { Description = "Instead: the command and a notebook alone, beside a busy loop and two at once; with --quick once, else three times." };
Option<string[]> study = new("--study") { Description = "Instead: a study of ten to two hundred pairs; a model's folder, a data file and roles.", HelpName = "MODEL DATA ROLES", Arity = new(3, 3), AllowMultipleArgumentsPerToken = true };
var command = new RootCommand("Measures sweeps against the naive loop.") { only, json, quick, stream, longPrompts, edges, busy, study };
command.SetAction(parse =>
{
    TorchRuntime.EnsureLoaded();
    if (parse.GetValue(stream) is { } folder)
    {
        Streaming.Run(folder);
        return;
    }
    if (parse.GetValue(longPrompts))
    {
        LongPrompts.Run(parse.GetValue(quick));
        return;
    }
    if (parse.GetValue(edges))
    {
        Edges.Run(parse.GetValue(quick));
        return;
    }
    if (parse.GetValue(study) is [var model, var data, var roles])
    {
        Studies.Run(model, data, roles);
        return;
    }
    if (parse.GetValue(busy))
    {
        Busy.Run(rounds: parse.GetValue(quick) ? 1 : 3);
        return;
    }
    Table.Header();
    List<Row> rows = [];
    foreach (var shape in Shape.All.Where(shape => parse.GetValue(only) is not { } name || name == shape.Name))
        foreach (var row in Measure(shape, parse.GetValue(quick)))
        {
            Table.Print(row);
            rows.Add(row);
        }
    Table.Footer();
    if (parse.GetValue(json) is { } path) AtomicFile.Write(path, JsonSerializer.Serialize(rows, Row.Json));
});
return command.Parse(args).Invoke();

static IEnumerable<Row> Measure(Shape shape, bool quick)
{
    // As the command does: threads that share small matrices wait for each other longer than they compute.
    torch.set_num_threads(shape.Name == "mini" ? 1 : Environment.ProcessorCount);
    var peak = Machine.Peak(torch.ScalarType.Float32);
    double plain = 0;
    using (var model = shape.Create(torch.ScalarType.Float32))
    {
        foreach (var tokens in quick ? (int[])[28] : [28, 64, 128])
        {
            var naive = Naive(model, shape, tokens);
            Activation[] sites = tokens > 28 ? [Activation.ResidPost] : [Activation.ResidPost, Activation.AttnOut, Activation.MlpOut, Activation.Z];
            foreach (var site in sites)
            {
                var (seconds, memory) = Wavefront(model, shape, tokens, site, pairs: 1);
                if (site == Activation.ResidPost && tokens == 28) plain = seconds;
                // The naive loop over z at all positions has fewer cells, each as dear as any other.
                var loop = site == Activation.Z ? naive * shape.Config.NHeads / tokens : naive;
                var share = new SweepWork(shape.Config, SiteTable.Of(site, null), tokens, tokens / 2).Wavefront / seconds / peak;
                yield return new Row(shape.Name, tokens, site.Name(), "wavefront", "float32", 1, seconds, loop, loop / seconds, share, memory);
            }
        }
        foreach (var pairs in quick ? (int[])[] : [2, 4])
        {
            var (seconds, memory) = Wavefront(model, shape, 28, Activation.ResidPost, pairs);
            var share = pairs * new SweepWork(shape.Config, SiteTable.Of(Activation.ResidPost, null), 28, 14).Wavefront / seconds / peak;
            yield return new Row(shape.Name, 28, "resid_post", "wavefront", "float32", pairs, seconds, null, pairs * plain / seconds, share, memory);
        }
    }
    if (shape.Name == "mini") yield break;
    var narrowPeak = Machine.Peak(torch.ScalarType.BFloat16);
    using var narrow = shape.Create(torch.ScalarType.BFloat16);
    var (narrowSeconds, narrowMemory) = Wavefront(narrow, shape, 28, Activation.ResidPost, pairs: 1);
    var narrowShare = new SweepWork(shape.Config, SiteTable.Of(Activation.ResidPost, null), 28, 14).Wavefront / narrowSeconds / narrowPeak;
    yield return new Row(shape.Name, 28, "resid_post", "wavefront", "bfloat16", 1, narrowSeconds, null, plain / narrowSeconds, narrowShare, narrowMemory);
}

// Both caching runs, and at least 32 cells spread over the grid, scaled to all of them.
static double Naive(LanguageModel model, Shape shape, int tokens)
{
    var pair = shape.Pair(tokens, seed: 1);
    Lane[] lanes = [new(pair.Clean.Ids), new(pair.Corrupt.Ids)];
    var task = new SweepTask(1, new PatchValue.FromLane(0), SiteTable.Of(Activation.ResidPost, null), 1);
    var cells = shape.Config.NLayers * tokens;
    var sampled = Enumerable.Range(0, 32).Select(i => i * cells / 32).ToArray();
    var watch = Stopwatch.StartNew();
    using var naive = new NaiveSweep(model, lanes, [task]);
    naive.RunLanes(CancellationToken.None);
    var runs = watch.Elapsed.TotalSeconds;
    watch.Restart();
    foreach (var cell in sampled) naive.Run(task, cell, CancellationToken.None).Dispose();
    return runs + watch.Elapsed.TotalSeconds * cells / sampled.Length;
}

static (double Seconds, double? Memory) Wavefront(LanguageModel model, Shape shape, int tokens, Activation site, int pairs)
{
    SweepRequest[] requests =
        [.. Enumerable.Range(1, pairs).Select(seed => new SweepRequest(shape.Pair(tokens, seed), new SweepOptions { Site = site, Verify = 0 }))];
    var memory = Machine.Growth(() => Sweep.Run(model, requests));
    var best = double.MaxValue;
    var repeats = shape.Name == "mini" ? 30 : tokens == 28 ? 2 : 1;
    for (var run = 0; run < repeats; run++)
    {
        var watch = Stopwatch.StartNew();
        Sweep.Run(model, requests);
        best = Math.Min(best, watch.Elapsed.TotalSeconds);
    }
    return (best, memory);
}
