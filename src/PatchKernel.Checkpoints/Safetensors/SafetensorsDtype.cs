using static TorchSharp.torch;

namespace PatchKernel.Safetensors;

/// <summary>A dtype of the safetensors format.</summary>
/// <param name="Name">As the header spells it.</param>
/// <param name="Bits">Size of one element.</param>
/// <param name="Scalar">Torch's dtype; null where nothing here reads it.</param>
internal sealed record SafetensorsDtype(string Name, int Bits, ScalarType? Scalar = null)
{
    private static readonly SafetensorsDtype[] All =
    [
        new("F32", 32, ScalarType.Float32), new("F16", 16, ScalarType.Float16), new("BF16", 16, ScalarType.BFloat16),
        new("I64", 64, ScalarType.Int64),
        new("F64", 64), new("C64", 64), new("U64", 64), new("I32", 32), new("U32", 32), new("I16", 16), new("U16", 16),
        new("I8", 8), new("U8", 8), new("BOOL", 8),
        new("F8_E4M3", 8), new("F8_E5M2", 8), new("F8_E8M0", 8), new("F8_E4M3FNUZ", 8), new("F8_E5M2FNUZ", 8),
        new("F6_E2M3", 6), new("F6_E3M2", 6), new("F4", 4),
    ];

    private static readonly Dictionary<string, SafetensorsDtype> ByName = All.ToDictionary(dtype => dtype.Name);

    /// <summary>Whether weights may be stored in it: float32, float16 or bfloat16.</summary>
    public bool IsWeight => Scalar is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    /// <summary>The dtype of a name, or null where the format has none of that name.</summary>
    public static SafetensorsDtype? Of(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The dtype that a tensor is written in, or null where it can't be.</summary>
    public static SafetensorsDtype? Of(ScalarType scalar) => Array.Find(All, dtype => dtype.Scalar == scalar);
}
