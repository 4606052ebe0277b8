namespace PatchKernel.Tests.Hostile;

/// <summary>How many of a property's trials opened what was changed, and how many refused it.</summary>
internal sealed class Tally
{
    private int opened, refused;

    /// <summary>Counts a trial.</summary>
    /// <param name="refusal">The sentence with which it was refused, or null where it opened.</param>
    public void Add(string? refusal)
    {
        if (refusal is null) opened++;
        else refused++;
    }

    /// <summary>Passes where both happened: changes that break everything, or nothing, try nothing.</summary>
    /// <remarks>About one in ten opens, or more, so that a hundred trials without one, or four hundred with two, are once in 100,000.</remarks>
    public void Check()
    {
        var least = (opened + refused) / 200;
        Assert.True(opened > least && refused > least, $"{opened} opened, {refused} refused");
    }
}
