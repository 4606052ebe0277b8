namespace PatchKernel.Tests.Models;

/// <summary>A dtype that only costs time is warned of, by the library, a notebook's cell and the command.</summary>
public sealed class SlowDtypeTests
{
    private const string Warning = "float16 is about three times slower than float32 on a CPU: take bfloat16, which needs as little memory, or float32.";

    private static readonly string Mini = TestData.InRepository("models", "mini");

    [Fact]
    public void Float16_on_a_CPU_is_warned_of()
    {
        using var model = LanguageModel.Load(Mini, "float16", "cpu");
        Assert.Equal([Warning], model.Warnings);
        Assert.Contains($"⚠ {Warning}", model.ToHtml(), StringComparison.Ordinal);
    }

    [Theory, InlineData("float32"), InlineData("bfloat16")]
    public void Other_dtypes_are_not(string dtype)
    {
        using var model = LanguageModel.Load(Mini, dtype, "cpu");
        Assert.Empty(model.Warnings);
        Assert.DoesNotContain("⚠", model.ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_says_so_once() =>
        Assert.Equal($"warning: {Warning}\n", CliRun.Of("predict", "--dtype", "float16", "--device", "cpu").Error);
}
