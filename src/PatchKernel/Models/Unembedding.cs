using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>From the normed stream to logits, which are float32 sums whatever the weights' dtype.</summary>
/// <remarks>A bfloat16 product would round a logit of 18.4 to steps of 0.06, so narrower weights are widened, some rows at a time.</remarks>
internal sealed class Unembedding(ModelConfig config, IWeightSource weights)
{
    /// <summary>[.., d_model] to logits, [.., d_vocab], float32.</summary>
    public Tensor Forward(Tensor normed) => config.Parts.LogitCap is { } cap ? Uncapped(normed).Capped(cap) : Uncapped(normed);

    private Tensor Uncapped(Tensor normed)
    {
        using var scope = NewDisposeScope();
        var most = weights.MostUnembeddingRows;
        if (most >= config.DVocab) return scope.MoveToOuter(nn.functional.linear(normed, weights.UnembeddingRows(0, config.DVocab)).Counted(normed));

        // Nothing that stays is made between two parts: the memory of the last one's rows then serves for the next one's.
        var logits = empty([.. normed.shape[..^1], config.DVocab], normed.dtype, normed.device);
        for (long from = 0; from < config.DVocab; from += most)
        {
            using var partScope = NewDisposeScope();
            var count = Math.Min(most, config.DVocab - from);
            logits.narrow(-1, from, count).copy_(nn.functional.linear(normed, weights.UnembeddingRows(from, count)).Counted(normed));
        }
        return scope.MoveToOuter(logits);
    }
}
