using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>From the normed stream to logits, which are float32 sums whatever the weights' dtype.</summary>
/// <param name="weight">W_U, [d_vocab, d_model], in the compute dtype; the source's to dispose.</param>
internal sealed class Unembedding(Tensor weight)
{
    // A bfloat16 product would round a logit of 18.4 to steps of 0.06, so narrower weights are widened, this many rows at a time.
    private const int ChunkRows = 16384;

    /// <summary>[.., d_model] to logits, [.., d_vocab], float32.</summary>
    public Tensor Forward(Tensor normed)
    {
        if (weight.dtype == ScalarType.Float32) return nn.functional.linear(normed, weight);
        using var scope = NewDisposeScope();
        var chunks = new List<Tensor>();
        for (long start = 0; start < weight.shape[0]; start += ChunkRows)
        {
            using var chunkScope = NewDisposeScope();
            var rows = weight.narrow(0, start, Math.Min(ChunkRows, weight.shape[0] - start)).to(ScalarType.Float32);
            chunks.Add(chunkScope.MoveToOuter(nn.functional.linear(normed, rows)));
        }
        return scope.MoveToOuter(cat(chunks, -1));
    }
}
