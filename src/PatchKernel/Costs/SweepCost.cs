using PatchKernel.Costs;
using PatchKernel.Models;
using PatchKernel.Sweeps;
using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What a sweep takes, planned from a model's settings alone: memory, reading from disk, and floating-point operations.</summary>
/// <remarks>
/// For one pair, the wavefront, the other run's activation, window 1, the site's own positions and the default number of verified cells,
/// on the CPU. <see cref="WorkMeter"/> measures the same; the two are within 25 % of each other.
/// </remarks>
public sealed partial class SweepCost
{
    private const long MostParameters = 1L << 50; // no sum of bytes overflows then

    // .NET, libtorch, a tokenizer and the command itself, measured on Linux x64.
    private const long Bare = 300_000_000;

    // oneDNN keeps a compiled kernel for each shape that it multiplies in bfloat16, and a wavefront has another number of rows in every layer; without AVX-512 it keeps next to nothing.
    private const long Kernels = 110_000_000;

    // The allocator keeps some of what is freed.
    private const double Kept = 1.25;

    private readonly ScalarType dtype;
    private readonly SweepWork work;
    private readonly SweepMemory memory;

    private SweepCost(ModelSettings model, ScalarType dtype, Site site, int tokens, int first)
    {
        (Model, this.dtype, Site, Tokens, FirstDifference) = (model, dtype, site.Activation, tokens, first);
        work = new SweepWork(model.Config, site, tokens, first);
        memory = new SweepMemory(model.Config, [.. Enumerable.Repeat(tokens, SweepWork.Lanes)], [site]);
        Cells = site.Cells(model.Config, tokens);
    }

    /// <summary>The model.</summary>
    public ModelSettings Model { get; }

    /// <summary>What is patched.</summary>
    public Activation Site { get; }

    /// <summary>What matrices are multiplied in.</summary>
    public string Dtype => ComputeDtype.Name(dtype);

    /// <summary>Length of the prompts.</summary>
    public int Tokens { get; }

    /// <summary>The first position at which the prompts differ.</summary>
    public int FirstDifference { get; }

    /// <summary>Number of cells.</summary>
    public long Cells { get; }

    /// <summary>Floating-point operations of matrix products, two a multiply-add; of the verified cells too.</summary>
    public double Flop => work.Wavefront + Verifying * work.Forward;

    /// <summary>The same of one full forward a cell.</summary>
    public double NaiveFlop => (SweepWork.Lanes + Cells + Verifying) * work.Forward;

    /// <summary>With all weights in memory.</summary>
    public SweepFootprint Resident => new(
        Bytes(WeightLayout.All(Config)), Workspace(UnembeddingRows(resident: true)), Process, ReadToLoad: Model.StoredBytes, ReadPerSweep: 0);

    /// <summary>With each layer read from disk when the sweep reaches it.</summary>
    public SweepFootprint Streamed
    {
        get
        {
            var layer = WeightLayout.Layer(Config, 0).ToList();
            var passes = Verifying > 0 ? 2 : 1; // the cells that are verified go side by side
            var parts = (work.RowsRead - 1) / SweepRun.MostLogits(Config, SweepWork.Lanes, PlacedWeights.MostRows) + passes;
            return new(
                2 * Bytes(layer), // one computes while the next one is read
                Workspace(PlacedWeights.MostRows), Process,
                ReadToLoad: WeightLayout.FinalNorm(Config).Concat(WeightLayout.Positions(Config)).Sum(Model.BytesOf),
                ReadPerSweep: passes * Config.NLayers * layer.Sum(Model.BytesOf) + parts * Model.BytesOf(WeightLayout.Unembedding(Config)));
        }
    }

    private long Process => dtype == ScalarType.BFloat16 && System.Runtime.Intrinsics.X86.Avx512F.IsSupported ? Bare + Kernels : Bare;

    private ModelConfig Config => Model.Config;

    /// <summary>Forwards in float32 that verify some cells, with the unpatched runs that they patch from; none where the sweep itself is in float32.</summary>
    private int Verifying => dtype == ScalarType.Float32 ? 0 : SweepWork.Lanes + Verification.WhenNarrow;

    /// <summary>Plans a sweep.</summary>
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
        return new(model, ComputeDtype.Parse(dtype), SiteTable.In(model.Config, site, null), tokens, first);
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
            map = DeviceMap.Choose(Config, dtype, device: null, Residency.Auto);
        }
        catch (PatchKernelException e)
        {
            return e.Message; // a GPU's free memory isn't known; the plan stands without it
        }
        var layers = Enumerable.Range(0, Config.NLayers).Count(layer => map.Layer(layer).Home != WeightHome.Disk);
        var resident = map.Parts.All(part => part.Home != WeightHome.Disk);
        var where = resident ? "the weights would be resident"
            : layers == 0 ? "the weights would be streamed"
            : $"{layers} of {Config.NLayers} layers would be resident, and the rest streamed";
        var free = FreeMemory.OfCpu();
        var taken = map.Parts.Sum(part => part.Home == WeightHome.Disk || part.RunsOn.type != TorchSharp.DeviceType.CPU ? 0 : part.Bytes);
        var room = new MemoryRoom(memory ?? Math.Max(0, free - taken - (resident ? 0 : Streamed.Weights)), memory is not null);
        return $"On this machine, with {ByteCount.Text(free)} of memory free, {where}{(map.IsSplit ? $":\n{map}" : ".")}\n{InGroups(room, UnembeddingRows(resident))}";
    }

    private string InGroups(MemoryRoom room, long unembeddingRows)
    {
        if (memory.Least(unembeddingRows) is var least && least > room.Free)
            return $"The sweep would have {ByteCount.Text(room.Free)} beside them, and takes {ByteCount.Text(least)} at least.";
        var groups = Math.Min(Cells, (RowBytes - 1) / memory.OfGroup(room, work.RowsRead, unembeddingRows) + 1);
        return groups == 1
            ? "All cells would go through the layers together."
            : FormattableString.Invariant($"With {ByteCount.Text(room.Planned)} for the sweep, the cells would go through the layers in about {groups:N0} groups, one after another; each computes the unpatched runs again.");
    }

    private long UnembeddingRows(bool resident) => resident && dtype == ScalarType.Float32 ? Config.DVocab : PlacedWeights.MostRows;

    private long RowBytes => (long)Config.NLayers * work.Rows * SweepMemory.Row(Config, work.Positions / work.Rows);

    /// <summary>All that is beside the weights, with all rows at once, and one layer in float32 where cells are verified in it.</summary>
    private long Workspace(long unembeddingRows) => (long)(Kept * (memory.Fixed(work.RowsRead, unembeddingRows) + RowBytes
        + (Verifying > 0 ? sizeof(float) * ModelTree.Of(Config).ParametersPerLayer : 0)));

    /// <summary>Bytes in memory, each in the dtype that the model has it in.</summary>
    private long Bytes(IEnumerable<WeightSpec> weights) =>
        weights.Sum(weight => weight.Elements * ComputeDtype.Bytes(weight.In(dtype)));
}

/// <summary>What a sweep takes with its weights in one place; all in bytes.</summary>
/// <param name="Weights">Weights in memory at once.</param>
/// <param name="Workspace">What is beside them when memory is at its fullest: streams, a layer's activations, logits.</param>
/// <param name="Process">The process without a model: .NET, libtorch and the kernels that it compiles, a tokenizer, the command.</param>
/// <param name="ReadToLoad">Read from disk once, as the model is loaded.</param>
/// <param name="ReadPerSweep">Read from disk in each sweep.</param>
public sealed record SweepFootprint(long Weights, long Workspace, long Process, long ReadToLoad, long ReadPerSweep)
{
    /// <summary>Memory in all.</summary>
    public long Memory => Weights + Workspace + Process;
}
