using PatchKernel.Activations;
using static TorchSharp.torch;

namespace PatchKernel.Taps;

/// <summary>A tap on a prompt that an answer stands behind: it sees and sets the prompt's positions alone, as if nothing followed.</summary>
/// <param name="tap">The tap.</param>
/// <param name="length">Number of the prompt's tokens.</param>
internal sealed class PromptTap(ITap tap, int length) : ITap
{
    public ITap Begin(RunShape run) => new PromptTap(tap.Begin(run with { Positions = length }), length);

    public bool Wants(Activation activation, int layer) => tap.Wants(activation, layer);

    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        using var scope = NewDisposeScope();
        var axis = activation.PosAxis();
        var behind = value.shape[axis] - length;
        var rows = value.narrow(axis, 0, length);
        var seen = activation == Activation.Pattern ? rows.narrow(-1, 0, length) : rows;
        var made = tap.Visit(activation, layer, seen);
        if (ReferenceEquals(made, seen)) return value;
        if (activation == Activation.Pattern) made = cat([made, rows.narrow(-1, length, behind)], -1);
        return scope.MoveToOuter(cat([made, value.narrow(axis, length, behind)], axis));
    }
}
