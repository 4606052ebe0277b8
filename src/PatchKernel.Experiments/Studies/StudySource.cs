namespace PatchKernel;

/// <summary>What a study puts into the patched runs.</summary>
/// <param name="Name"><c>other</c>, <c>zero</c>, <c>mean</c> (over prompts of the study; where these differ so that positions or roles don't match, over all their positions, and its rows say <c>pooled_mean</c>) or <c>noise</c>.</param>
public sealed record StudySource(string Name)
{
    internal const string Mean = "mean";

    /// <summary>The names there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["other", "zero", Mean, "noise"];

    /// <summary>The pair's other run.</summary>
    public static StudySource Other { get; } = new("other");

    /// <summary>Of noise, its standard deviation as a multiple of the embeddings'.</summary>
    public double StandardDeviation { get; init; } = 3;

    /// <summary>Of noise, how many draws are averaged.</summary>
    public int Samples { get; init; } = 10;

    /// <summary>Of a mean, over how many of the study's prompts it is taken, drawn at random.</summary>
    public int Prompts { get; init; } = 16;

    /// <summary>Refuses an unknown name and numbers out of range.</summary>
    internal void Check()
    {
        if (!Names.Contains(Name)) throw new PatchKernelException($"There is no source '{Name}'; choose from {string.Join(", ", Names)}.");
        if (Prompts < 1) throw new PatchKernelException($"The mean is taken over at least one prompt, and {Prompts} is none.");
        if (Name == "noise") new SweepOptions { Source = new PatchSource.Noise(StandardDeviation, Samples) }.Check();
    }
}
