using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Numbers as libtorch takes them, kept alive for good.</summary>
/// <remarks>
/// TorchSharp passes a Scalar's native half to libtorch without keeping the managed half alive: a garbage collection that another thread brings
/// about can free it in the middle of an operation, which then fails or computes with another number. So every operation of a forward pass
/// that takes a number, the 1 hidden in <c>a + b</c> included, takes it from here.
/// </remarks>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Known = [];

    /// <summary>The scalar of a number.</summary>
    public static Scalar Of(double value) => Known.GetOrAdd(value, number => number.ToScalar());

    /// <summary>An operation with a number that may never come again: its scalar lives until the operation is done.</summary>
    public static Tensor During(double value, Func<Scalar, Tensor> operation)
    {
        using var scalar = value.ToScalar();
        return operation(scalar);
    }

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, Of(1));

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, double b) => a.add(Of(b), Of(1));

    /// <summary>a · b.</summary>
    public static Tensor Times(this Tensor a, double b) => a.mul(Of(b));

    /// <summary>a / b.</summary>
    public static Tensor Over(this Tensor a, double b) => a.div(Of(b));

    /// <summary>c · tanh(a / c); where no gradient flows, in a itself, which may be the largest tensor there is.</summary>
    /// <returns>a, or another tensor that the caller's dispose scope owns.</returns>
    public static Tensor Capped(this Tensor a, double cap)
    {
        using var scope = NewDisposeScope();
        if (a.requires_grad) return scope.MoveToOuter(a.Over(cap).tanh().Times(cap));
        a.div_(Of(cap));
        a.tanh_();
        a.mul_(Of(cap));
        return a;
    }

    /// <summary>0 where a query sees a key and −∞ elsewhere, [query_pos, key_pos]; the last query is at the last key.</summary>
    /// <param name="queries">Number of queries.</param>
    /// <param name="keys">Number of keys.</param>
    /// <param name="like">Gives dtype and device.</param>
    /// <param name="window">How many keys a query sees, its own included; null for all up to its own.</param>
    public static Tensor CausalMask(long queries, long keys, Tensor like, long? window = null)
    {
        using var scope = NewDisposeScope();
        var hidden = full(queries, keys, Of(double.NegativeInfinity), like.dtype, like.device);
        var after = hidden.triu(keys - queries + 1);
        return scope.MoveToOuter(window is { } seen && seen < keys ? after.Plus(hidden.tril(keys - queries - seen)) : after);
    }
}
