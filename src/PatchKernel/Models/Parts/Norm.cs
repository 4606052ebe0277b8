using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>What a norm computes; float32 always.</summary>
internal abstract record NormKind
{
    /// <summary>Divides each row by its root mean square; Zhang and Sennrich 2019, arXiv:1910.07467.</summary>
    public static NormKind Rms { get; } = new RootMeanSquare();

    /// <summary>Takes each row's mean away and divides by its standard deviation; Ba et al. 2016, arXiv:1607.06450.</summary>
    public static NormKind Layer { get; } = new MeanAndDeviation();

    /// <summary>Whether rows are scaled by a weight of the norm's own.</summary>
    public bool HasScale { get; init; } = true;

    /// <summary>Whether a bias is added.</summary>
    public bool HasBias { get; init; }

    /// <summary>Whether a row's mean is taken away.</summary>
    public virtual bool TakesMean => false;

    /// <summary>[.., width] to [.., width].</summary>
    public abstract Tensor Forward(Tensor rows, Tensor? scale, Tensor? bias, double epsilon);

    private sealed record RootMeanSquare : NormKind
    {
        public override Tensor Forward(Tensor rows, Tensor? scale, Tensor? bias, double epsilon)
        {
            using var scope = NewDisposeScope();
            var meanSquare = (rows * rows).mean([-1], keepdim: true);
            var normed = rows * meanSquare.Plus(epsilon).rsqrt();
            if (scale is not null) normed = normed * scale;
            return scope.MoveToOuter(bias is null ? normed : normed.Plus(bias));
        }
    }

    private sealed record MeanAndDeviation : NormKind
    {
        public override bool TakesMean => true;

        public override Tensor Forward(Tensor rows, Tensor? scale, Tensor? bias, double epsilon)
        {
            using var scope = NewDisposeScope();
            return scope.MoveToOuter(Rms.Forward(rows - rows.mean([-1], keepdim: true), scale, bias, epsilon));
        }
    }
}

/// <summary>A norm with its weights.</summary>
/// <param name="Kind">What it computes.</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="Scale">[width], float32; null where it has none.</param>
/// <param name="Bias">[width], float32; null where it has none.</param>
internal sealed record Norm(NormKind Kind, double Epsilon, Tensor? Scale, Tensor? Bias)
{
    /// <summary>[.., width] to [.., width]; owned by the caller's dispose scope.</summary>
    public Tensor Forward(Tensor rows) => Kind.Forward(rows, Scale, Bias, Epsilon);

    /// <summary>What parts of a sum come to once the sum is normed: each divided by what the sum is divided by. The bias belongs to no part.</summary>
    /// <param name="parts">[.., rows, width].</param>
    /// <param name="sum">[rows, width].</param>
    /// <returns>As <paramref name="parts"/>; owned by the caller's dispose scope.</returns>
    public Tensor Share(Tensor parts, Tensor sum)
    {
        using var scope = NewDisposeScope();
        var (each, whole) = Kind.TakesMean ? (parts - parts.mean([-1], keepdim: true), sum - sum.mean([-1], keepdim: true)) : (parts, sum);
        var shares = each * (whole * whole).mean([-1], keepdim: true).Plus(Epsilon).rsqrt();
        return scope.MoveToOuter(Scale is null ? shares.alias() : shares * Scale);
    }

    /// <summary>Gradients with respect to what comes in, of several gradients with respect to what comes out.</summary>
    /// <param name="rows">What comes in, [rows, width].</param>
    /// <param name="slopes">[several, rows, width].</param>
    /// <returns>As <paramref name="slopes"/>; owned by the caller's dispose scope.</returns>
    public Tensor Back(Tensor rows, Tensor slopes)
    {
        using var scope = NewDisposeScope();
        var (normed, inverse) = Parts(rows);
        var scaled = Scale is null ? slopes : slopes * Scale;
        var back = (scaled - normed * (scaled * normed).mean([-1], keepdim: true)) * inverse;
        return scope.MoveToOuter(Kind.TakesMean ? back - back.mean([-1], keepdim: true) : back);
    }

    /// <summary>The rows as they are normed but for scale and bias, and what they were multiplied by, [.., rows, 1]; owned by the caller's dispose scope.</summary>
    public (Tensor Normed, Tensor Inverse) Parts(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var centred = Kind.TakesMean ? rows - rows.mean([-1], keepdim: true) : rows;
        var inverse = (centred * centred).mean([-1], keepdim: true).Plus(Epsilon).rsqrt();
        return (scope.MoveToOuter(centred * inverse), scope.MoveToOuter(inverse));
    }
}
