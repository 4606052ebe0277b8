namespace PatchKernel;

/// <summary>The matrix products of a sweep, told from the shape alone.</summary>
/// <remarks>As they are computed: attention over all keys, those that the mask hides too. What a site computes to start its rows is left out but for heads' outputs.</remarks>
/// <param name="config">The model's shape.</param>
/// <param name="site">What is patched.</param>
/// <param name="rows">The sweep's rows.</param>
internal sealed class SweepWork(LlamaConfig config, Site site, SweepRows rows)
{
    private readonly double queries = (double)config.NHeads * config.DHead * config.DModel; // W_O has as many entries
    private readonly double keys = (double)config.NKeyValueHeads * config.DHead * config.DModel; // W_V too
    private readonly double matrix = (double)config.DMlp * config.DModel; // each of the MLP's three
    private readonly int tokens = rows.Tokens;

    /// <summary>Floating-point operations of a sweep by the wavefront, two a multiply-add.</summary>
    public static double Of(LlamaConfig config, int tokens, int first, Activation site)
    {
        var known = SiteCatalog.Of(site, null);
        return new SweepWork(config, known, new SweepRows(config, known, tokens, first)).Wavefront;
    }

    /// <summary>Floating-point operations of the wavefront, two a multiply-add.</summary>
    public double Wavefront
    {
        get
        {
            double sum = SweepRows.Lanes * Layers(0, 0);
            for (var layer = 0; layer < config.NLayers; layer++)
            {
                sum += 2 * HeadOutputs(layer);
                foreach (var joining in rows.Joining(layer))
                    sum += joining.Count * (2 * joining.Changed * JoiningMatrices + Layers(site.Stage == Stage.Block ? layer : layer + 1, joining.Start));
            }
            return sum + 2 * (double)RowsRead * config.DModel * config.DVocab;
        }
    }

    /// <summary>Rows and lanes whose logits are computed.</summary>
    public long RowsRead => SweepRows.Lanes + Enumerable.Range(0, config.NLayers).Sum(layer => rows.Joining(layer).Sum(joining => (long)joining.Count));

    /// <summary>Floating-point operations of one full forward, its logits at the last position alone.</summary>
    public double Forward => config.NLayers * Layer(0, tokens) + 2.0 * config.DModel * config.DVocab;

    /// <summary>Of the MLP, what a row computes in the layer that it joins in, a position.</summary>
    private double JoiningMatrices => site.Stage switch
    {
        Stage.Mlp => 3 * matrix,
        Stage.MlpOutput => matrix,
        _ => 0,
    };

    /// <summary>What heads add to the stream by themselves, which their rows start with.</summary>
    private double HeadOutputs(int layer) => site is HeadSite ? rows.Joining(layer).Sum(joining => joining.Changed) * queries : 0;

    /// <summary>A run from a position on through the layers from <paramref name="layer"/> on.</summary>
    private double Layers(int layer, int start) => layer >= config.NLayers ? 0
        : (config.NLayers - 1 - layer) * Layer(start, tokens - start) + Layer(start, 1);

    /// <summary>A run from a position on through one layer, which computes queries, output and MLP for the last few positions.</summary>
    private double Layer(int start, int last)
    {
        var attention = 2.0 * last * tokens * config.NHeads * config.DHead;
        return 2 * ((tokens - start) * 2 * keys + last * (2 * queries + 3 * matrix) + attention);
    }
}
