using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

// Each operation with a number holds the number's scalar until it is done.
public sealed partial class ActivationValue
{
    /// <summary>a + b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator +(ActivationValue a, ActivationValue b) => a.Combine("+", b, Scalars.Plus);

    /// <summary>a + b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator +(ActivationValue a, Tensor b) => a + (ActivationValue)b;

    /// <summary>a + b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator +(Tensor a, ActivationValue b) => (ActivationValue)a + b;

    /// <summary>a + b for each entry.</summary>
    public static ActivationValue operator +(ActivationValue a, double b) => a.With(Scalars.During(b, scalar => a.Tensor.add(scalar, Scalars.Of(1))));

    /// <summary>a + b for each entry.</summary>
    public static ActivationValue operator +(double a, ActivationValue b) => b + a;

    /// <summary>a − b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator -(ActivationValue a, ActivationValue b) => a.Combine("-", b, (left, right) => left.add(right, Scalars.Of(-1)));

    /// <summary>a − b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator -(ActivationValue a, Tensor b) => a - (ActivationValue)b;

    /// <summary>a − b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator -(Tensor a, ActivationValue b) => (ActivationValue)a - b;

    /// <summary>a − b for each entry.</summary>
    public static ActivationValue operator -(ActivationValue a, double b) => a + -b;

    /// <summary>a − b for each entry.</summary>
    public static ActivationValue operator -(double a, ActivationValue b) => -b + a;

    /// <summary>−a.</summary>
    public static ActivationValue operator -(ActivationValue a) => a.With(a.Tensor.neg());

    /// <summary>a · b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator *(ActivationValue a, ActivationValue b) => a.Combine("*", b, (left, right) => left.mul(right));

    /// <summary>a · b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator *(ActivationValue a, Tensor b) => a * (ActivationValue)b;

    /// <summary>a · b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator *(Tensor a, ActivationValue b) => (ActivationValue)a * b;

    /// <summary>a · b for each entry.</summary>
    public static ActivationValue operator *(ActivationValue a, double b) => a.With(Scalars.During(b, scalar => a.Tensor.mul(scalar)));

    /// <summary>a · b for each entry.</summary>
    public static ActivationValue operator *(double a, ActivationValue b) => b * a;

    /// <summary>a / b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator /(ActivationValue a, ActivationValue b) => a.Combine("/", b, (left, right) => left.div(right));

    /// <summary>a / b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator /(ActivationValue a, Tensor b) => a / (ActivationValue)b;

    /// <summary>a / b, entry by entry; shapes broadcast.</summary>
    public static ActivationValue operator /(Tensor a, ActivationValue b) => (ActivationValue)a / b;

    /// <summary>a / b for each entry.</summary>
    public static ActivationValue operator /(ActivationValue a, double b) => a.With(Scalars.During(b, scalar => a.Tensor.div(scalar)));

    /// <summary>a / b for each entry.</summary>
    public static ActivationValue operator /(double a, ActivationValue b)
    {
        using var dividend = Scalars.During(a, scalar => full([], scalar, b.Tensor.dtype, b.Tensor.device));
        return b.With(dividend.div(b.Tensor));
    }

    private static bool Broadcast(IEnumerable<long> a, IEnumerable<long> b) =>
        a.Reverse().Zip(b.Reverse()).All(axis => axis.First == axis.Second || axis.First == 1 || axis.Second == 1);

    private ActivationValue With(Tensor result) => new(result, origin);

    private ActivationValue Combine(string sign, ActivationValue other, Func<Tensor, Tensor, Tensor> operation)
    {
        if (!Broadcast(Shape, other.Shape)) throw Unfit(sign, other, "along each axis, counted from the last, sizes are the same or 1");
        CheckDevice(sign, other);
        var result = operation(tensor, other.tensor);
        return new(result, result.shape.SequenceEqual(Shape) ? origin ?? other.origin : (origin ?? other.origin)?.OfPart());
    }
}
