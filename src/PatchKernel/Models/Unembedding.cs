using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>From the normed stream to logits, which are float32 sums whatever the weights' dtype.</summary>
/// <remarks>A bfloat16 product would round a logit of 18.4 to steps of 0.06, so narrower weights are widened, some rows at a time.</remarks>
internal sealed class Unembedding(LlamaConfig config, IWeightSource weights)
{
    /// <summary>[.., d_model] to logits, [.., d_vocab], float32.</summary>
    public Tensor Forward(Tensor normed)
    {
        using var scope = NewDisposeScope();
        var chunks = new List<Tensor>();
        for (long from = 0; from < config.DVocab; from += weights.MostUnembeddingRows)
        {
            using var rows = weights.UnembeddingRows(from, Math.Min(weights.MostUnembeddingRows, config.DVocab - from));
            chunks.Add(nn.functional.linear(normed, rows));
        }
        return scope.MoveToOuter(chunks.Count == 1 ? chunks[0] : cat(chunks, -1));
    }
}
