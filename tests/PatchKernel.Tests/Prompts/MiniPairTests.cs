namespace PatchKernel.Tests.Prompts;

/// <summary>The pairs that the data file promises for the mini model.</summary>
public sealed class MiniPairTests
{
    private static IEnumerable<PairDefinition> Pairs =>
        PromptBook.Load(TestData.InRepository("data", "prompts.json")).Pairs.Where(pair => pair.Models.Contains("mini"));

    public static TheoryData<string> Names => [.. Pairs.Select(pair => pair.Name)];

    [Fact]
    public void There_are_the_tutorials_pair_and_at_least_five_more()
    {
        Assert.Contains("einstein", Names.Select(row => row.Data));
        Assert.True(Pairs.Count() >= 6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_check_finds_nothing_by_either_metric(string name)
    {
        Assert.SkipUnless(Directory.Exists(TestData.InRepository("models", "mini")), "needs the mini model");
        using var model = Llama.Load(TestData.InRepository("models", "mini"), device: "cpu");
        var pair = PromptPair.FromDefinition(Pairs.First(pair => pair.Name == name), model.Tokenizer!);
        Assert.All(Metric.All, metric => Assert.Empty(PairCheck.Run(pair, model, metric).Findings));
    }
}
