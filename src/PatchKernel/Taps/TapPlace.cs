using PatchKernel.Activations;
using PatchKernel.Models;
using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel.Taps;

/// <summary>Where a tap acts, as its user said it.</summary>
/// <param name="Activation">The activation.</param>
/// <param name="Layer">The block; null for all.</param>
/// <param name="Pos">The prompt's position; null for all.</param>
/// <param name="Head">The head; null for all.</param>
internal sealed record TapPlace(Activation Activation, int? Layer, Index? Pos, int? Head)
{
    /// <summary>Whether it is in a layer.</summary>
    public bool IsIn(Activation activation, int layer) => activation == Activation && (Layer is null || Layer == layer);

    /// <summary>The position in a run's tokens; null for all.</summary>
    public int? Position(RunShape run) => Pos is not { } pos ? null : pos.IsFromEnd ? run.PromptLength - pos.Value : pos.Value;

    /// <summary>Fails where a run has no such place: the tap would do nothing, and look like one without effect.</summary>
    /// <exception cref="PatchKernelException">The message says which places there are.</exception>
    public void Check(RunShape run)
    {
        run.CheckMakes(Activation);
        var (first, last) = Activation switch { Activation.Embed => (0, 0), Activation.FinalNorm => (run.Layers - 1, run.Layers - 1), _ => (0, run.Layers - 1) };
        if (Layer < first || Layer > last) throw Missing($"layer {Layer}", "layer", first, last);
        if (Position(run) is { } pos && (pos < 0 || pos >= run.AllPositions)) throw Missing($"position {Pos}", "position", 0, run.AllPositions - 1);
        if (Head is null) return;
        if (!Activation.HasHeads()) throw new PatchKernelException($"The tap on {Activation.Name()} names head {Head}, and {Activation.Name()} has no heads; leave the head out.");
        var heads = Activation is Activation.K or Activation.V ? run.KeyValueHeads : run.Heads;
        if (Head < 0 || Head >= heads) throw Missing($"head {Head}", "head", 0, heads - 1);
    }

    private PatchKernelException Missing(string place, string axis, int first, int last) => new(
        $"The tap on {Activation.Name()} is at {place}, and there it has {(first == last ? $"{axis} {first} alone" : $"{axis}s {first} to {last}")}; choose one of these.");
}

/// <summary>A tap's place in one activation as a run makes it.</summary>
/// <param name="Origin">Which activation.</param>
/// <param name="Whole">The value; the run's to dispose.</param>
/// <param name="Pos">The index along the positions that it has; null for all.</param>
/// <param name="Head">The head; null for all.</param>
internal readonly record struct TapVisit(ValueOrigin Origin, Tensor Whole, int? Pos, int? Head)
{
    /// <summary>What the tap sees; a view.</summary>
    public Tensor Part => Origin.Activation.Part(Whole, Pos, Head);

    /// <summary>A user's tensor in the shape of what the tap sees: a batch axis is added, and of a whole activation the place is taken.</summary>
    /// <exception cref="PatchKernelException">It was disposed of, or has another shape.</exception>
    public Tensor Fit(Tensor given, Tensor seen)
    {
        if (given.IsInvalid) throw Error("puts in a tensor that was disposed of; dispose of it after the run");
        if (given.shape.SequenceEqual(seen.shape.Skip(1)) || given.shape.SequenceEqual(Whole.shape.Skip(1))) given = given.unsqueeze(0);
        return given.shape.SequenceEqual(Whole.shape) ? Origin.Activation.Part(given, Pos, Head) : given;
    }

    /// <summary>The activation with another part.</summary>
    /// <param name="made">What the tap made of its part.</param>
    /// <returns>A tensor of its own; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">It can't stand there.</exception>
    public Tensor With(Tensor made)
    {
        using var scope = NewDisposeScope();
        if (made.IsInvalid) throw Error("gives back a tensor that was disposed of; leave what it makes to the run, which frees it");
        var part = Part;
        var expected = made.dim() == Whole.dim() ? Whole : part;
        if (!made.shape.SequenceEqual(part.shape))
            throw Error($"brings {Excerpt.Shape(made.shape)} where the run has {Excerpt.Shape(expected.shape)}; give it a value of that shape");
        if (made.dtype != part.dtype) throw Error($"brings {Excerpt.Shape(made.shape)} in {made.dtype} where the run has {part.dtype}; convert it with .to(ScalarType.{part.dtype})");
        if (!made.device.IsSame(part.device)) throw Error($"brings {Excerpt.Shape(made.shape)} on {made.device} where the run is on {part.device}; move it with .to(\"{part.device}\")");
        if (!NonFinite.IsFinite(made) && NonFinite.IsFinite(part))
            throw Error($"brings {Excerpt.Shape(made.shape)} with a number that is infinite or none (NaN), where the run has finite ones; see what the lambda divides by");
        return scope.MoveToOuter(Pos is null && Head is null ? made.alias() : Origin.Activation.WithPart(Whole, Pos, Head, made));
    }

    /// <summary>An error of the tap, as one sentence.</summary>
    public PatchKernelException Error(string what, Exception? cause = null) => new($"The tap on {Origin.Name} {what}.", cause!);
}
