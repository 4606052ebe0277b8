using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Finds out whether a matrix for the unembedding that lies beside tied embeddings is another one than the embedding.</summary>
internal sealed class OwnHead
{
    // Of both matrices together these are some kilobytes: few enough where weights aren't read.
    private const int RowsAtAGlance = 16;

    // Bounds what is in memory of each matrix, as float32.
    private const int MostElements = 1 << 22;

    private readonly ITensorSource source;
    private readonly SourceTensor embedding, head;

    private OwnHead(ITensorSource source, SourceTensor embedding, SourceTensor head) =>
        (this.source, this.embedding, this.head) = (source, embedding, head);

    /// <summary>The two matrices, or null where there aren't two, or the second isn't needed.</summary>
    public static OwnHead? Of(ITensorSource source, ModelConfig config) =>
        config.TiedEmbeddings && source.Find(WeightLayout.Embedding(config).Key) is { } embedding
        && source.Find(WeightLayout.Head(config).Key) is { } head && head.Key != embedding.Key ? new(source, embedding, head) : null;

    /// <summary>Whether some rows, spread over the matrices, differ: those of a head that was trained on its own all do.</summary>
    public bool DiffersAtAGlance()
    {
        TorchRuntime.EnsureLoaded();
        var last = head.Shape[0] - 1;
        return Enumerable.Range(0, RowsAtAGlance).Select(i => i * last / (RowsAtAGlance - 1)).Distinct().Any(row => Differs(row, 1));
    }

    /// <summary>Whether they differ anywhere; where they don't, both are read whole, some rows at a time.</summary>
    public bool Differs()
    {
        var most = Math.Max(1, MostElements / head.Shape[1]);
        for (long from = 0; from < head.Shape[0]; from += most)
            if (Differs(from, Math.Min(most, head.Shape[0] - from))) return true;
        return false;
    }

    private bool Differs(long from, long count)
    {
        using var scope = NewDisposeScope();
        return !Some(embedding).eq(Some(head)).all().item<bool>();

        Tensor Some(SourceTensor matrix) => source.Read(matrix.Key, (from, count), ScalarType.Float32, CPU);
    }
}
