using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Names of the dtypes that matrices can be multiplied in; everything else is float32 always.</summary>
internal static class ComputeDtype
{
    private static readonly ScalarType[] Known = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];

    /// <summary>The dtype of a name.</summary>
    /// <exception cref="PatchKernelException">There is no such dtype.</exception>
    public static ScalarType Parse(string name) => Find(name)
        ?? throw new PatchKernelException($"There is no compute dtype '{name}'; choose one of {string.Join(", ", Known.Select(Name))}.");

    /// <summary>The dtype of a name, or null where there is none.</summary>
    public static ScalarType? Find(string name) => Known.Cast<ScalarType?>().FirstOrDefault(known => Name(known!.Value) == name);

    /// <summary>The name of a dtype.</summary>
    public static string Name(ScalarType dtype) => dtype.ToString().ToLowerInvariant();

    /// <summary>Bytes of one number.</summary>
    public static int Bytes(ScalarType dtype) => dtype == ScalarType.Float32 ? 4 : 2;
}
