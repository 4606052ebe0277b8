using System.Globalization;

namespace PatchKernel;

/// <summary>A process's share of a study's units: of N processes each takes every Nth unit.</summary>
/// <param name="Index">Which share, from 0.</param>
/// <param name="Count">How many there are.</param>
public sealed record Shard(int Index, int Count)
{
    /// <summary>A share as <c>3/16</c>, counted from 1.</summary>
    /// <exception cref="PatchKernelException">It isn't one.</exception>
    public static Shard Parse(string text) =>
        text.Split('/') is [var index, var count] && Number(index) is { } i && Number(count) is { } n && i >= 1 && i <= n ? new(i - 1, n)
            : throw new PatchKernelException($"'{text}' is no share; give a number and how many there are, such as 3/16.");

    /// <summary>The share that a scheduler's variables give: Slurm's array, or a Kubernetes job with an index.</summary>
    /// <param name="variable">From a variable's name to its value; null where it isn't set.</param>
    /// <param name="note">Why an array gives no share, so that its tasks claim units as they come; else null.</param>
    /// <returns>The share; null where there is none.</returns>
    public static Shard? OfScheduler(Func<string, string?> variable, out string? note)
    {
        note = null;
        if (Number(variable("SLURM_ARRAY_TASK_ID")) is { } id)
        {
            var (min, max, count) = (Number(variable("SLURM_ARRAY_TASK_MIN")), Number(variable("SLURM_ARRAY_TASK_MAX")), Number(variable("SLURM_ARRAY_TASK_COUNT")));
            if (min is not null && max - min + 1 == count && id >= min && id <= max) return new(id - min.Value, count!.Value);
            note = "the array's ids have gaps, so they give no share: its tasks claim units as they come";
            return null;
        }
        // A job says its index to each pod, and how many there are only where its template passes it on.
        if (Number(variable("JOB_COMPLETION_INDEX")) is not { } index) return null;
        if (Number(variable("JOB_COMPLETIONS")) is { } pods && index < pods) return new(index, pods);
        note = $"JOB_COMPLETION_INDEX is {index} and JOB_COMPLETIONS {variable("JOB_COMPLETIONS") ?? "isn't set"}, so there is no share: pods claim units as they come; set both for fixed shares";
        return null;
    }

    /// <summary>Whether a unit is in the share.</summary>
    public bool Has(int unit) => unit % Count == Index;

    /// <summary>As <c>3/16</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index + 1}/{Count}");

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
