using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PatchKernel.Gguf;

/// <summary>Turns one block of a quantised tensor into the numbers that it stands for.</summary>
internal delegate void BlockDecoder(ReadOnlySpan<byte> block, Span<float> values);

/// <summary>A way in which GGUF stores a tensor's entries: block by block.</summary>
/// <param name="Name">As llama.cpp spells it.</param>
/// <param name="BlockElements">Entries of a block.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Expanded">The dtype that a block's entries have when they are expanded.</param>
/// <param name="Decode">Expands a block; null where its bytes are the entries already.</param>
internal sealed record GgufType(string Name, int BlockElements, int BlockBytes, ScalarType Expanded, BlockDecoder? Decode = null)
{
    private static readonly Dictionary<uint, GgufType> ById = new()
    {
        [0] = new("F32", 1, 4, ScalarType.Float32),
        [1] = new("F16", 1, 2, ScalarType.Float16),
        [30] = new("BF16", 1, 2, ScalarType.BFloat16),
        [8] = new("Q8_0", 32, 34, ScalarType.Float32, SimpleBlocks.Q8_0),
        [2] = new("Q4_0", 32, 18, ScalarType.Float32, SimpleBlocks.Q4_0),
        [3] = new("Q4_1", 32, 20, ScalarType.Float32, SimpleBlocks.Q4_1),
        [6] = new("Q5_0", 32, 22, ScalarType.Float32, SimpleBlocks.Q5_0),
        [7] = new("Q5_1", 32, 24, ScalarType.Float32, SimpleBlocks.Q5_1),
        [10] = new("Q2_K", 256, 84, ScalarType.Float32, SuperBlocks.Q2_K),
        [11] = new("Q3_K", 256, 110, ScalarType.Float32, SuperBlocks.Q3_K),
        [12] = new("Q4_K", 256, 144, ScalarType.Float32, SuperBlocks.Q4_K),
        [13] = new("Q5_K", 256, 176, ScalarType.Float32, SuperBlocks.Q5_K),
        [14] = new("Q6_K", 256, 210, ScalarType.Float32, SuperBlocks.Q6_K),
    };

    private static readonly (uint Id, string Name)[] Others =
    [
        (9, "Q8_1"), (15, "Q8_K"), (16, "IQ2_XXS"), (17, "IQ2_XS"), (18, "IQ3_XXS"), (19, "IQ1_S"), (20, "IQ4_NL"), (21, "IQ3_S"), (22, "IQ2_S"),
        (23, "IQ4_XS"), (24, "I8"), (25, "I16"), (26, "I32"), (27, "I64"), (28, "F64"), (29, "IQ1_M"), (34, "TQ1_0"), (35, "TQ2_0"), (39, "MXFP4"),
    ];

    /// <summary>Every type that can be read.</summary>
    public static IReadOnlyCollection<GgufType> All => ById.Values;

    /// <summary>The names of the types that can be read.</summary>
    public static string Supported => string.Join(", ", All.Select(type => type.Name));

    /// <summary>The type of a number, or null where it can't be read.</summary>
    public static GgufType? Of(uint id) => ById.GetValueOrDefault(id);

    /// <summary>A type's name, whether it can be read or not.</summary>
    public static string NameOf(uint id) => Of(id)?.Name ?? Array.Find(Others, other => other.Id == id).Name ?? $"type {id}";

    /// <summary>Expands whole blocks.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="entries">The bytes of as many entries of the type <see cref="Expanded"/>.</param>
    public void Expand(ReadOnlySpan<byte> blocks, Span<byte> entries)
    {
        if (Decode is null)
        {
            blocks.CopyTo(entries);
            return;
        }
        for (var values = MemoryMarshal.Cast<byte, float>(entries); !blocks.IsEmpty; blocks = blocks[BlockBytes..], values = values[BlockElements..])
            Decode(blocks[..BlockBytes], values[..BlockElements]);
    }
}
