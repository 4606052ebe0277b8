using PatchKernel.Activations;
using PatchKernel.Taps;
using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A tap on one activation, made by <see cref="Tap"/>. In a generation it acts on the prompt and on every new token, unless it is told when; the last word counts.</summary>
public sealed class ActivationTap : ITap
{
    private readonly TapPlace place;
    private readonly Func<ActivationValue, TapVisit, Tensor?> edit; // null leaves the value
    private int[]? steps;   // of a generation; null for all from the first on
    private int firstStep;
    private RunShape? run;  // null until it is bound to one

    internal ActivationTap(TapPlace place, Func<ActivationValue, TapVisit, Tensor?> edit) =>
        (this.place, this.edit) = (place with { Activation = place.Activation.Known() }, edit);

    /// <summary>The same tap on a generation's prompt alone.</summary>
    public ActivationTap OnPrompt() => OnSteps(0);

    /// <summary>The same tap on a generation's new tokens alone; the last of them is never read, and so never tapped.</summary>
    public ActivationTap OnNewTokens() => Copy(copy => (copy.steps, copy.firstStep) = (null, 1));

    /// <summary>The same tap on some of a generation's steps alone.</summary>
    /// <param name="steps">Step 0 reads the prompt, step n the nth new token.</param>
    /// <exception cref="PatchKernelException">There is none, or one is below 0.</exception>
    public ActivationTap OnSteps(params int[] steps)
    {
        if (steps.Length == 0 || steps.Min() < 0)
            throw new PatchKernelException($"The tap on {place.Activation.Name()} needs steps from 0 on: step 0 reads the prompt, step n the nth new token.");
        return Copy(copy => (copy.steps, copy.firstStep) = (steps, 0));
    }

    /// <inheritdoc/>
    public bool Wants(Activation activation, int layer) => place.IsIn(activation, layer) && (run is not { } known || ActsIn(known));

    /// <inheritdoc/>
    /// <exception cref="PatchKernelException">The run has no such layer, position, head or step: the tap would do nothing, and look like one without effect.</exception>
    public ITap Begin(RunShape run)
    {
        place.Check(run);
        CheckSteps(run);
        return Copy(copy => copy.run = run);
    }

    /// <inheritdoc/>
    /// <exception cref="PatchKernelException">The lambda fails, or gives back what can't take the value's place.</exception>
    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        if (!Wants(activation, layer)) return value;
        if (run is not { } known) return Begin(ShapeOf(value, layer)).Visit(activation, layer, value);
        using var scope = NewDisposeScope();
        var origin = new ValueOrigin(activation, layer, place.Position(known) ?? known.FirstPosition, IsWhole: place is { Pos: null, Head: null });
        var visit = new TapVisit(origin, value, place.Position(known) - known.FirstPosition, place.Head);
        return Edited(visit) is { } made ? scope.MoveToOuter(made) : value;
    }

    /// <summary>The activation with what the tap makes of its part; null where it leaves it.</summary>
    private Tensor? Edited(TapVisit visit)
    {
        try
        {
            // A copy: what a lambda writes into must be nobody else's.
            return edit(new ActivationValue(visit.Part.clone(), visit.Origin), visit) is { } made ? visit.With(made) : null;
        }
        catch (Exception e) when (e is not (PatchKernelException or OperationCanceledException))
        {
            throw visit.Error($"failed on {Excerpt.Shape(visit.Part.shape)} with {e.GetType().Name}: {Excerpt.Reason(e)}", e);
        }
    }

    private bool ActsIn(RunShape known) => Has(known.Step)
        && (place.Position(known) is not { } pos || (pos >= known.FirstPosition && pos < known.FirstPosition + known.Positions));

    private bool Has(int step) => steps?.Contains(step) ?? step >= firstStep;

    private void CheckSteps(RunShape known)
    {
        var name = place.Activation.Name();
        if (firstStep >= known.Steps) throw new PatchKernelException($"The tap on {name} acts on new tokens, and this run reads none: generate at least {firstStep + 1} tokens.");
        if (steps?.Max() >= known.Steps)
            throw new PatchKernelException($"The tap on {name} acts on step {steps.Max()}, and this run has {(known.Steps == 1 ? "step 0 alone, which reads the prompt" : $"steps 0 to {known.Steps - 1}")}; choose one of these.");
        if (place.Position(known) is { } pos && !Has(known.StepOf(pos)))
            throw new PatchKernelException($"The tap on {name} is at position {place.Pos}, which step {known.StepOf(pos)} reads, and doesn't act on that step; choose one of the two.");
    }

    /// <summary>The run of a value that comes without one, as far as it shows.</summary>
    private RunShape ShapeOf(Tensor value, int layer)
    {
        var heads = place.Activation.HasHeads() ? (int)value.shape[place.Activation.HeadAxis()] : 0;
        return new(layer + 1, (int)value.shape[place.Activation.PosAxis()], heads, heads);
    }

    private ActivationTap Copy(Action<ActivationTap> change)
    {
        var copy = (ActivationTap)MemberwiseClone();
        change(copy);
        return copy;
    }
}
