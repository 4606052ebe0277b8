using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Names of the dtypes that matrices can be multiplied in; everything else is float32 always.</summary>
internal static class ComputeDtype
{
    private static readonly (string Name, ScalarType Dtype)[] Known =
        [("float32", ScalarType.Float32), ("bfloat16", ScalarType.BFloat16), ("float16", ScalarType.Float16)];

    /// <summary>The dtype of a name.</summary>
    /// <exception cref="PatchKernelException">There is no such dtype.</exception>
    public static ScalarType Parse(string name) => Find(name)
        ?? throw new PatchKernelException($"There is no compute dtype '{name}'; choose one of {string.Join(", ", Known.Select(known => known.Name))}.");

    /// <summary>The dtype of a name, or null where there is none.</summary>
    public static ScalarType? Find(string name)
    {
        foreach (var known in Known)
            if (known.Name == name) return known.Dtype;
        return null;
    }

    /// <summary>The name of a dtype.</summary>
    public static string Name(ScalarType dtype) => dtype.ToString().ToLowerInvariant();

    /// <summary>Bytes of one number.</summary>
    public static int Bytes(ScalarType dtype) => dtype == ScalarType.Float32 ? 4 : 2;
}
