namespace PatchKernel.Runs;

/// <summary>Chooses the next token from logits: the best, or one drawn at a temperature.</summary>
internal sealed class TokenChoice(GenerationOptions options)
{
    private readonly Random random = new(options.Seed);

    /// <summary>The next token's id; the lowest of equal ones.</summary>
    /// <param name="logits">[d_vocab], finite.</param>
    public int Next(float[] logits)
    {
        var best = Array.IndexOf(logits, logits.Max());
        if (options.Temperature == 0) return best;
        double[] weights = [.. logits.Select(logit => Math.Exp(((double)logit - logits[best]) / options.Temperature))];
        var left = random.NextDouble() * weights.Sum();
        for (var id = 0; id < weights.Length; id++)
            if ((left -= weights[id]) < 0) return id;
        return best; // rounding has left a crumb
    }
}
