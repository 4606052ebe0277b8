namespace PatchKernel.Benchmarks;

/// <summary>The multiplications that a sweep can't do without: no padding, nothing computed twice.</summary>
internal static class Work
{
    /// <summary>Floating-point operations of a sweep by the wavefront, two a multiply-add.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="tokens">Length of the prompts.</param>
    /// <param name="first">Their first difference.</param>
    /// <param name="site">What is patched.</param>
    public static double Of(LlamaConfig config, int tokens, int first, Activation site)
    {
        var work = new LayerWork(config, tokens);
        double sum = 2 * Enumerable.Range(0, config.NLayers).Sum(layer => work.Run(0, layer)); // both caching runs
        var read = 2L;
        foreach (var (cells, start, positions, layer) in Starts(config, tokens, first, site))
        {
            // In the last layer only what reaches the last position counts.
            if (layer == config.NLayers - 1 && start + positions < tokens) continue;
            sum += cells * work.Joining(site, layer == config.NLayers - 1 ? 1 : positions);
            for (var next = layer + 1; next < config.NLayers; next++) sum += cells * work.Run(start, next);
            read += cells;
        }
        return sum + 2.0 * read * config.DModel * config.DVocab;
    }

    /// <summary>Cells that are alike: how many, where they start, how many positions they change, and in which layer.</summary>
    private static IEnumerable<(int Cells, int Start, int Positions, int Layer)> Starts(LlamaConfig config, int tokens, int first, Activation site)
    {
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            if (site == Activation.Z) yield return (config.NHeads, first, tokens - first, layer);
            else
                for (var pos = first; pos < tokens; pos++) yield return (1, pos, 1, layer);
        }
    }

    private sealed class LayerWork(LlamaConfig config, int tokens)
    {
        private readonly double queries = (double)config.NHeads * config.DHead * config.DModel;
        private readonly double keys = (double)config.NKeyValueHeads * config.DHead * config.DModel;
        private readonly double mlp = 3.0 * config.DMlp * config.DModel;

        /// <summary>A run from a position on through one layer; the last layer's queries, output and MLP at the last position alone.</summary>
        public double Run(int start, int layer)
        {
            var from = layer == config.NLayers - 1 ? tokens - 1 : start;
            var attention = Enumerable.Range(from, tokens - from).Sum(pos => 2.0 * (pos + 1) * config.NHeads * config.DHead);
            return 2 * ((tokens - start) * 2 * keys + (tokens - from) * (2 * queries + mlp) + attention);
        }

        /// <summary>What a row costs in the layer that it joins in.</summary>
        public double Joining(Activation site, int positions) => site switch
        {
            Activation.AttnOut => 2 * mlp,
            Activation.Z => positions * 2 * (mlp + (double)config.DHead * config.DModel),
            _ => 0,
        };
    }
}
