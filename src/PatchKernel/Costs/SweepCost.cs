using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What a sweep takes, told from a model's settings alone: memory, reading from disk, and floating-point operations.</summary>
/// <remarks>
/// For one pair, the wavefront, the other run's activation, window 1, the site's own positions and the default number of verified cells,
/// on the CPU. Made to agree with <see cref="WorkMeter"/> within 20 %.
/// </remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class SweepCost : IShowsHtml
{
    private const long MostParameters = 1L << 50; // no sum of bytes overflows then

    private readonly SweepRows rows;
    private readonly Footprints footprints;

    private SweepCost(ModelSettings model, SweepRows rows, Footprints footprints) => (Model, this.rows, this.footprints) = (model, rows, footprints);

    /// <summary>The model.</summary>
    public ModelSettings Model { get; }

    /// <summary>What is patched.</summary>
    public required Activation Site { get; init; }

    /// <summary>What matrices are multiplied in.</summary>
    public required string Dtype { get; init; }

    /// <summary>Length of the prompts.</summary>
    public required int Tokens { get; init; }

    /// <summary>The first position at which the prompts differ.</summary>
    public required int FirstDifference { get; init; }

    /// <summary>Number of cells.</summary>
    public required long Cells { get; init; }

    /// <summary>Floating-point operations of matrix products, two a multiply-add; of the verified cells too.</summary>
    public required double Flop { get; init; }

    /// <summary>The same of one full forward a cell.</summary>
    public required double NaiveFlop { get; init; }

    /// <summary>With all weights in memory.</summary>
    public required SweepFootprint Resident { get; init; }

    /// <summary>With each layer read from disk when the sweep reaches it.</summary>
    public required SweepFootprint Streamed { get; init; }

    /// <summary>What a sweep of a model takes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Length of the prompts.</param>
    /// <param name="site">What is patched.</param>
    /// <param name="dtype">What matrices are multiplied in: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>.</param>
    /// <param name="firstDifference">The first position at which the prompts differ; in their middle by default.</param>
    /// <exception cref="PatchKernelException">The activation can't be swept, there is no such dtype, or a number is out of range.</exception>
    public static SweepCost Of(
        ModelSettings model, int tokens = 28, Activation site = Activation.ResidPost, string dtype = "float32", int? firstDifference = null)
    {
        var first = firstDifference ?? tokens / 2;
        if (ModelTree.Of(model.Config).Parameters is > MostParameters and var parameters)
            throw new PatchKernelException(FormattableString.Invariant($"{model.Name} would have {parameters:N0} parameters: too many for a plan, and for any machine."));
        if (tokens < 1 || tokens > model.Config.MaxPositions)
            throw new PatchKernelException(FormattableString.Invariant($"A plan is for prompts of 1 to {model.Config.MaxPositions} tokens, as long as the model takes, and not for {tokens}."));
        if (first < 0 || first >= tokens)
            throw new PatchKernelException(FormattableString.Invariant($"The first difference of prompts of {tokens} tokens is at 0 to {tokens - 1}, not at {first}."));
        var (config, swept, compute) = (model.Config, SiteCatalog.Of(site, null), ComputeDtype.Parse(dtype));
        var rows = new SweepRows(config, swept, tokens, first);
        var work = new SweepWork(config, swept, rows);
        var cells = swept.Shape(config, tokens).Aggregate(1L, (product, size) => product * size);
        var footprints = new Footprints(model, compute, rows, work, new SweepMemory(config, [.. Enumerable.Repeat(tokens, SweepRows.Lanes)], [swept]));
        return new SweepCost(model, rows, footprints)
        {
            Site = site,
            Dtype = dtype,
            Tokens = tokens,
            FirstDifference = first,
            Cells = cells,
            Flop = work.Wavefront + footprints.Verifying * work.Forward,
            NaiveFlop = (SweepRows.Lanes + cells + footprints.Verifying) * work.Forward,
            Resident = footprints.Resident,
            Streamed = footprints.Streamed,
        };
    }

    /// <summary>
    /// What would become of the model and the sweep on this machine: a sentence on the weights, the device map where its parts aren't in one place, and how
    /// many groups of cells would go through the layers one after another.
    /// </summary>
    /// <param name="memory">Bytes that the sweep may take beside the weights, as <see cref="SweepOptions.Memory"/> has it.</param>
    public string OnThisMachine(long? memory = null)
    {
        DeviceMap map;
        try
        {
            map = DeviceMap.Choose(Model.Config, ComputeDtype.Parse(Dtype), device: null, Residency.Auto);
        }
        catch (PatchKernelException e)
        {
            return e.Message; // a GPU's free memory isn't known; the plan stands without it
        }
        var layers = Enumerable.Range(0, Model.Config.NLayers).Count(layer => map.Layer(layer).Home != WeightHome.Disk);
        var resident = map.Parts.All(part => part.Home != WeightHome.Disk);
        var where = resident ? "the weights would be resident"
            : layers == 0 ? "the weights would be streamed"
            : $"{layers} of {Model.Config.NLayers} layers would be resident, and the rest streamed";
        var free = FreeMemory.OfCpu();
        var taken = map.Parts.Sum(part => part.Home == WeightHome.Disk || part.RunsOn.type != TorchSharp.DeviceType.CPU ? 0 : part.Bytes);
        var room = new MemoryRoom(memory ?? Math.Max(0, free - taken - (resident ? 0 : Streamed.Weights)), memory is not null);
        return $"On this machine, with {ByteCount.Text(free)} of memory free, {where}{(map.IsSplit ? $":\n{map}" : ".")}\n{InGroups(room, resident)}";
    }

    private string InGroups(MemoryRoom room, bool resident)
    {
        var (least, ofGroup) = footprints.InGroups(room, resident);
        if (least > room.Free)
            return $"The sweep would have {ByteCount.Text(room.Free)} beside them, and takes {ByteCount.Text(least)} at least.";
        var groups = Math.Min(Cells, (rows.Bytes - 1) / ofGroup + 1);
        return groups == 1
            ? "All cells would go through the layers together."
            : FormattableString.Invariant($"With {ByteCount.Text(room.Planned)} for the sweep, the cells would go through the layers in about {groups:N0} groups, one after another; each computes the unpatched runs again.");
    }

    /// <summary>Its table.</summary>
    public string ToHtml() => CostTable.Html(this);

    /// <summary>Its table as text.</summary>
    public override string ToString() => CostTable.Text(this);

    /// <summary>How memory and reading come about.</summary>
    private sealed class Footprints(ModelSettings model, ScalarType dtype, SweepRows rows, SweepWork work, SweepMemory memory)
    {
        // .NET, libtorch and the command itself, measured on Linux x64: libraries 125 MB, .NET's heap and libtorch's own memory 135 MB.
        private const long Runtime = 260_000_000;

        // A tokenizer, measured as it is loaded: 40 MB for 49,152 tokens.
        private const long TokenBytes = 800;

        private const long MostKept = 150_000_000;

        private readonly LlamaConfig config = model.Config;

        private long Process => Runtime + TokenBytes * config.DVocab;

        /// <summary>Forwards that verify some cells, and the lanes that they patch from: none in float32.</summary>
        public int Verifying { get; } =
            dtype == ScalarType.Float32 ? 0 : SweepRows.Lanes + (int)Math.Min(Verification.WhenNarrow, work.RowsRead - SweepRows.Lanes);

        /// <summary>Passes through the layers: those that verify go side by side.</summary>
        private int Passes => Verifying > 0 ? 2 : 1;

        public SweepFootprint Resident
        {
            get
            {
                var inParts = dtype == ScalarType.Float32 ? config.DVocab : PlacedWeights.MostRows;
                // A file is mapped while a tensor is copied: as the model is loaded, the last one counts twice.
                var loading = Stored(config.TiedEmbeddings ? WeightLayout.Out(config, 0) : WeightLayout.Unembedding(config));
                return new SweepFootprint(
                    Bytes(WeightLayout.All(config)), Math.Max(loading, All(inParts)), Process, ReadToLoad: model.StoredBytes, ReadPerSweep: 0);
            }
        }

        public SweepFootprint Streamed
        {
            get
            {
                var layer = WeightLayout.Layer(config, 0).ToList();
                var unembedding = Stored(WeightLayout.Unembedding(config));
                var parts = Math.DivRem(work.RowsRead - 1, SweepRun.MostLogits(config, SweepRows.Lanes, PlacedWeights.MostRows)).Quotient + 1;
                var embedded = Stored(WeightLayout.Embedding(config)) / config.DVocab * rows.Tokens; // of one run; no more than so many
                return new SweepFootprint(
                    2 * Bytes(layer), // one computes while the next one is read
                    layer.Max(Stored) + All(PlacedWeights.MostRows),
                    Process,
                    ReadToLoad: Stored(WeightLayout.FinalNorm(config)),
                    ReadPerSweep: Passes * config.NLayers * layer.Sum(Stored) + (parts + Passes - 1) * unembedding + (SweepRows.Lanes + Verifying) * embedded);
            }
        }

        /// <summary>What the sweep takes at least, and what the rows of one group of cells may take.</summary>
        public (long Least, long OfGroup) InGroups(MemoryRoom room, bool resident)
        {
            var inParts = resident && dtype == ScalarType.Float32 ? config.DVocab : PlacedWeights.MostRows;
            return (memory.Least(inParts), memory.OfGroup(room, work.RowsRead, inParts));
        }

        /// <summary>All that is beside the weights, with all rows at once, and one layer in float32 where cells are compared with a run in it.</summary>
        /// <remarks>The allocator keeps the room of what is freed, of every thread: as much again, up to a bound that was measured.</remarks>
        private long All(long mostUnembeddingRows)
        {
            var own = memory.Fixed(work.RowsRead, mostUnembeddingRows) + rows.Bytes
                + (dtype == ScalarType.Float32 ? 0 : sizeof(float) * ModelTree.Of(config).ParametersPerLayer);
            return own + Math.Min(own, MostKept);
        }

        private long Stored(WeightSpec weight) => model.BytesOf(weight);

        /// <summary>Bytes in memory: matrices in the compute dtype, norms in float32.</summary>
        private long Bytes(IEnumerable<WeightSpec> weights) =>
            weights.Sum(weight => weight.Elements * (weight.Shape.Length == 1 ? sizeof(float) : ComputeDtype.Bytes(dtype)));
    }
}

/// <summary>What a sweep takes with its weights in one place; all in bytes.</summary>
/// <param name="Weights">Weights in memory at once.</param>
/// <param name="Workspace">What is beside them when memory is at its fullest: streams, a layer's activations, logits.</param>
/// <param name="Process">The process without a model: .NET, libtorch, the command.</param>
/// <param name="ReadToLoad">Read from disk once, as the model is loaded.</param>
/// <param name="ReadPerSweep">Read from disk in each sweep.</param>
public sealed record SweepFootprint(long Weights, long Workspace, long Process, long ReadToLoad, long ReadPerSweep)
{
    /// <summary>Memory in all.</summary>
    public long Memory => Weights + Workspace + Process;
}
