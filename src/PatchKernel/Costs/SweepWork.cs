using PatchKernel.Models;
using PatchKernel.Sweeps;

namespace PatchKernel.Costs;

/// <summary>The matrix products of a sweep by the wavefront, from the shape alone.</summary>
/// <remarks>
/// A row is one cell's run: from its first changed position on it goes through the layers after its own, and through the last layer at the last position
/// alone. What a site computes to start its rows is left out, but for heads' outputs.
/// </remarks>
/// <param name="config">The model's shape.</param>
/// <param name="site">What is patched.</param>
/// <param name="tokens">Length of the prompts.</param>
/// <param name="first">Their first difference.</param>
internal sealed class SweepWork(ModelConfig config, Site site, int tokens, int first)
{
    /// <summary>Number of unpatched runs.</summary>
    public const int Lanes = 2;

    private readonly double queries = (double)config.NHeads * config.DHead * config.DModel; // W_O has as many entries
    private readonly double keys = (double)config.NKeyValueHeads * config.DHead * config.DModel; // W_V too
    private readonly double mlp = (double)config.Parts.MlpMatrices * config.DMlp * config.DModel;
    private readonly int grain = LayerPass.Grain(config);

    /// <summary>Rows that join in each layer.</summary>
    public int Rows => site.Heads(config) * (site.EachPosition ? tokens - first : 1);

    /// <summary>The positions of these rows together.</summary>
    public long Positions => site.Heads(config) * Enumerable.Range(first, site.EachPosition ? tokens - first : 1).Sum(pos => (long)(tokens - pos + pos % grain));

    /// <summary>Rows and unpatched runs whose logits are computed; what the last layer puts out is patched at the last position alone.</summary>
    public long RowsRead => Lanes + (config.NLayers - 1L) * Rows + (JoinsBlock || !site.EachPosition ? Rows : site.Heads(config));

    /// <summary>Floating-point operations of one full forward, its logits at the last position alone; two a multiply-add.</summary>
    public double Forward => 2 * (config.NLayers * tokens * Layer(tokens) + Unembedding);

    /// <summary>Floating-point operations of the wavefront, two a multiply-add.</summary>
    public double Wavefront
    {
        get
        {
            double layers = config.NLayers;
            var own = JoinsBlock ? layers : layers - 1; // layers whose rows reach the last one
            var (ofLane, ofRow) = (Layer(tokens), Layer(RowKeys));
            var whole = Lanes * tokens * (layers - 1) * ofLane + Positions * own * (JoinsBlock ? layers - 1 : layers - 2) / 2 * ofRow;
            var last = (Lanes * tokens + Positions * own) * 2 * keys + Lanes * (ofLane - 2 * keys) + Rows * own * (ofRow - 2 * keys);
            var starting = Starting * (layers - 1 + 1.0 / (tokens - first)); // in the last layer at the last position alone
            return 2 * (whole + last + starting + RowsRead * Unembedding);
        }
    }

    private bool JoinsBlock => site.StageIn(config) == Stage.ResidPre;

    private double Unembedding => (double)config.DModel * config.DVocab;

    /// <summary>Keys that a row's positions are compared with, on average over the layers: before its own, a window leaves few.</summary>
    private double RowKeys => Enumerable.Range(0, config.NLayers).Average(layer =>
        config.PositionsOf(layer).Window is { } window ? Math.Min(tokens, (double)Positions / Rows + window - 1) : tokens);

    /// <summary>Multiply-adds of a layer at one position: its matrices, and attention over so many keys, those that the mask hides too.</summary>
    private double Layer(double seen) => 2 * queries + 2 * keys + mlp + 2 * seen * config.NHeads * config.DHead;

    /// <summary>What each position takes where heads are patched: what each adds to the stream, and where all are normed together each head's attention.</summary>
    private double OfHeads
    {
        get
        {
            var each = site.Activation is Activation.Q or Activation.K && config.Parts.QueryKeyNorm == QueryKeyNorm.AllHeads
                ? site.Heads(config) * (queries + 2.0 * tokens * config.NHeads * config.DHead)
                : queries;
            return config.Parts.NormBehind ? each + queries : each; // what comes into a norm behind is computed again
        }
    }

    /// <summary>What the rows of a layer compute within it: the MLP at the changed positions, and of heads what each adds to the stream.</summary>
    private double Starting
    {
        get
        {
            var ofMlp = site.StageIn(config) == Stage.ResidMid ? mlp : site.Activation == Activation.MlpPost ? mlp / config.Parts.MlpMatrices : 0;
            double changed = site.Heads(config) * (tokens - first);
            return changed * ofMlp + (site.HasHeads ? (tokens - first) * OfHeads : 0);
        }
    }
}
