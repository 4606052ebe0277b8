namespace PatchKernel.Tests;

/// <summary>Compares arrays of floats, and says where they part.</summary>
internal static class Near
{
    public static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance))
                Assert.Fail($"{what}: entry {i} is {actual[i]}, not {expected[i]} (tolerance {tolerance}).");
    }
}
