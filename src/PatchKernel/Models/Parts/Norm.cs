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
}
