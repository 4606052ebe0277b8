using PatchKernel.Activations;
using PatchKernel.Models;
using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What a tap's or a metric's lambda computes with: a tensor whose arithmetic is safe beside garbage collections and says what doesn't fit.</summary>
/// <remarks>
/// In a tap's lambda it is a copy, which the run frees, as it frees whatever the lambda makes of it; call <see cref="Keep"/> to hold it past the run. It converts to
/// TorchSharp's tensor and back, so <c>torch.tanh(value)</c> works. Take numbers through it (<c>value * 0.5</c>): TorchSharp's own <c>tensor * 0.5</c> can
/// lose its number to a garbage collection in the middle of the operation.
/// </remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class ActivationValue : IDisposable, IShowsHtml
{
    private const string Product = "times, as matrices,";

    private readonly Tensor tensor;
    private readonly ValueOrigin? origin;

    internal ActivationValue(Tensor tensor, ValueOrigin? origin)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        (this.tensor, this.origin) = (tensor, origin);
    }

    /// <summary>The tensor itself: axes as at <see cref="PatchKernel.Activation"/>, less those of the position and the head that the tap names.</summary>
    /// <exception cref="PatchKernelException">It was disposed of.</exception>
    public Tensor Tensor => tensor.IsInvalid ? throw new PatchKernelException($"{Name} was disposed of before its use; dispose of it later.") : tensor;

    /// <summary>Size along each axis.</summary>
    public IReadOnlyList<long> Shape => Tensor.shape;

    /// <summary>Which activation it is or comes from; null for a tensor from elsewhere.</summary>
    public Activation? Activation => origin?.Activation;

    /// <summary>The block that it comes from; null for a tensor from elsewhere.</summary>
    public int? Layer => origin?.Layer;

    /// <summary>The prompt's position of the first token that it has.</summary>
    public int FirstPosition => origin?.FirstPosition ?? 0;

    /// <summary>The tensor, which may have been disposed of.</summary>
    internal Tensor Unchecked => tensor;

    /// <summary>How errors call it.</summary>
    internal string Name => origin is null ? "A tensor" : $"The {origin.Name}";

    /// <summary>The value's tensor.</summary>
    public static implicit operator Tensor(ActivationValue value) => value.Tensor;

    /// <summary>A tensor as a value; stays its owner's.</summary>
    public static implicit operator ActivationValue(Tensor tensor) => new(tensor, origin: null);

    /// <summary>The matrix product value · right.</summary>
    /// <param name="right">[.., in, out], or [in]: in is the value's last axis; of the value's dtype and on its device. Axes before these broadcast.</param>
    /// <returns>[.., out], or [..].</returns>
    /// <remarks>TorchSharp's own <c>matmul</c> ends the process where the two don't fit.</remarks>
    /// <exception cref="PatchKernelException">The two don't fit.</exception>
    public ActivationValue MatMul(ActivationValue right)
    {
        if (right.Shape.Count == 0 || Shape.Count == 0 || Shape[^1] != right.Shape[^Math.Min(2, right.Shape.Count)]
            || !Broadcast(Shape.SkipLast(2), right.Shape.SkipLast(2)) || tensor.dtype != right.tensor.dtype)
            throw Unfit(Product, right, "the value's last axis is as long as the other's last but one, and both have one dtype");
        CheckDevice(Product, right);
        return new(tensor.matmul(right.tensor), (origin ?? right.origin)?.OfPart());
    }

    /// <summary>One position, one head, or both, of a whole activation, without their axes.</summary>
    /// <param name="pos">The prompt's position; <c>^1</c> is the last that the value has. Of a pattern, the query row. Null for all.</param>
    /// <param name="head">The head; null for all.</param>
    /// <exception cref="PatchKernelException">The value is no whole activation, or has no such position or head.</exception>
    public ActivationValue At(Index? pos, int? head = null)
    {
        using var scope = NewDisposeScope();
        var (whole, index) = Find(pos, head);
        return new(scope.MoveToOuter(whole.Activation.Part(tensor, index, head)), whole.OfPart());
    }

    /// <summary>The same activation with another value at one position, one head, or both.</summary>
    /// <param name="pos">The prompt's position; <c>^1</c> is the last that the value has. Of a pattern, the query row. Null for all.</param>
    /// <param name="part">What to put there, of the shape that <see cref="At"/> gives.</param>
    /// <param name="head">The head; null for all.</param>
    /// <exception cref="PatchKernelException">The value is no whole activation, has no such position or head, or the part doesn't fit.</exception>
    public ActivationValue WithPart(Index? pos, ActivationValue part, int? head = null)
    {
        using var scope = NewDisposeScope();
        var (whole, index) = Find(pos, head);
        var place = whole.Activation.Part(tensor, index, head);
        if (!place.shape.SequenceEqual(part.Shape) || place.dtype != part.Tensor.dtype)
            throw Unfit("with, at one place,", part, $"at that place it is {Excerpt.Shape(place.shape)}");
        CheckDevice("with, at one place,", part);
        return With(scope.MoveToOuter(whole.Activation.WithPart(tensor, index, head, part.Tensor)));
    }

    /// <summary>A copy that outlives the run.</summary>
    /// <returns>The caller's to dispose; no dispose scope holds it.</returns>
    public ActivationValue Keep()
    {
        using var scope = NewDisposeScope();
        return new(Tensor.detach().clone().DetachFromDisposeScope(), origin);
    }

    /// <summary>The entries as a managed array, flat, the last axis fastest.</summary>
    public float[] ToFloats() => TensorExtensions.ToFloats(Tensor);

    /// <summary>Frees the tensor: for a value that was kept.</summary>
    public void Dispose() => tensor.Dispose();

    /// <summary>Its line.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Html.Text(ToString())));

    /// <summary>Where it comes from, and its shape.</summary>
    public override string ToString() => tensor.IsInvalid ? $"{Name}, disposed of" : $"{Name}, {Excerpt.Shape(tensor.shape)}";

    private void CheckDevice(string sign, ActivationValue other)
    {
        if (other.Tensor.dim() > 0 && Tensor.dim() > 0 && !tensor.device.IsSame(other.tensor.device))
            throw Unfit(sign, other, $"one is on {tensor.device}, the other on {other.tensor.device}: move one with .to(device)");
    }

    private (ValueOrigin Whole, int? Index) Find(Index? pos, int? head)
    {
        if (origin is not { IsWhole: true } whole)
            throw new PatchKernelException($"{Name}, {Excerpt.Shape(Shape)}, is no whole activation: take positions and heads of what a tap without pos and head gets.");
        var (first, count) = (whole.FirstPosition, Shape[whole.Activation.PosAxis()]);
        long? index = pos is { } at ? at.IsFromEnd ? count - at.Value : at.Value - first : null;
        if (index < 0 || index >= count) throw new PatchKernelException($"{Name} has no position {pos}; it has {first} to {first + count - 1}.");
        if (head is not null && !whole.Activation.HasHeads()) throw new PatchKernelException($"{Name} has no heads; leave the head out.");
        var heads = head is null ? 0 : Shape[whole.Activation.HeadAxis()];
        if (head < 0 || head >= heads) throw new PatchKernelException($"{Name} has no head {head}; it has 0 to {heads - 1}.");
        return (whole, (int?)index);
    }

    private PatchKernelException Unfit(string sign, ActivationValue other, string rule) => new(
        $"{Name}, {Excerpt.Shape(Shape)}, {sign} {char.ToLowerInvariant(other.Name[0])}{other.Name[1..]}, {Excerpt.Shape(other.Shape)}, can't be computed: {rule}.");
}

/// <summary>Where a value comes from.</summary>
/// <param name="Activation">Which activation.</param>
/// <param name="Layer">Its block.</param>
/// <param name="FirstPosition">The position of its first token.</param>
/// <param name="IsWhole">Whether it has all axes of the activation.</param>
internal sealed record ValueOrigin(Activation Activation, int Layer, int FirstPosition, bool IsWhole)
{
    /// <summary>How errors call it.</summary>
    public string Name => $"{Activation.Name()} of layer {Layer}";

    /// <summary>The origin of something that was computed from it and has other axes.</summary>
    public ValueOrigin OfPart() => this with { IsWhole = false };
}
