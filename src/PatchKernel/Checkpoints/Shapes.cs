using System.Globalization;

namespace PatchKernel;

/// <summary>Shapes as text.</summary>
internal static class Shapes
{
    /// <summary><c>[2, 3]</c>, as PyTorch prints it.</summary>
    public static string Text(IEnumerable<long> shape) =>
        $"[{string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture)))}]";
}
