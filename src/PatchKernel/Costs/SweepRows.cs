namespace PatchKernel;

/// <summary>The rows of a sweep by the wavefront, told from the shape alone: how many join in a layer, and where they start.</summary>
/// <remarks>Window 1, the other run's activation put in, and one pair: two lanes.</remarks>
/// <param name="config">The model's shape.</param>
/// <param name="site">What is patched.</param>
/// <param name="tokens">Length of the prompts.</param>
/// <param name="first">Their first difference.</param>
internal sealed class SweepRows(LlamaConfig config, Site site, int tokens, int first)
{
    /// <summary>Number of unpatched runs.</summary>
    public const int Lanes = 2;

    private readonly int grain = LayerPass.Grain(config);

    /// <summary>Length of the prompts.</summary>
    public int Tokens => tokens;

    /// <summary>The rows that join in a layer, those that are alike together.</summary>
    public IEnumerable<JoiningRows> Joining(int layer)
    {
        // Of what the last layer puts out only the last position is read.
        var from = IsLast(layer) && site.Stage != Stage.Block ? tokens - 1 : first;
        if (site.Axes.Contains("pos"))
            for (var pos = from; pos < tokens; pos++) yield return new JoiningRows(site.Heads(config), pos - pos % grain, 1);
        else
            yield return new JoiningRows(site.Heads(config), from - from % grain, tokens - from);
    }

    /// <summary>Whether it is the last layer.</summary>
    public bool IsLast(int layer) => layer == config.NLayers - 1;

    /// <summary>Bytes of all rows, as they are when the last of them has joined.</summary>
    public long Bytes => Enumerable.Range(0, config.NLayers).Sum(layer => Joining(layer).Sum(rows => rows.Count * SweepMemory.Row(config, tokens - rows.Start)));
}

/// <summary>Rows that join the wavefront in one layer.</summary>
/// <param name="Count">How many.</param>
/// <param name="Start">The position that they start at.</param>
/// <param name="Changed">How many positions differ from the base run as they join.</param>
internal readonly record struct JoiningRows(int Count, int Start, int Changed);
