namespace PatchKernel.Tests.Prompts;

/// <summary>What the data file says of the models that are at hand, measured.</summary>
public sealed class ShippedPairTests
{
    private const string RealModel = "HuggingFaceTB/SmolLM2-135M-Instruct";

    private static IReadOnlyList<PairDefinition> Pairs { get; } = PromptBook.Load(TestData.InRepository("data", "prompts.json")).Pairs;

    public static TheoryData<string> OfMini => [.. For("mini").Select(pair => pair.Name)];

    public static TheoryData<string> OfRealModel => [.. For(RealModel).Select(pair => pair.Name)];

    [Fact]
    public void There_are_the_tutorials_pair_and_at_least_five_more()
    {
        Assert.Contains(For("mini"), pair => pair.Name == "einstein");
        Assert.True(For("mini").Count() >= 6);
    }

    [Theory]
    [MemberData(nameof(OfMini))]
    public void The_small_model_answers_as_the_file_says_and_the_check_finds_nothing(string name)
    {
        using var model = LanguageModel.Load(TestData.InRepository("models", "mini"), device: "cpu");
        AnswersAsTheFileSays(Pair(name), model, Pair(name).For(model.Name)!);
        Assert.Empty(PairCheck.Run(PromptPair.FromDefinition(Pair(name), model.Tokenizer!), model, Metric.LogitDiff).Findings);
    }

    [Theory]
    [MemberData(nameof(OfRealModel))]
    public void SmolLM2_answers_as_the_file_says_and_the_check_finds_nothing(string name)
    {
        using var folder = new TemporaryFolder();
        var link = Directory.CreateSymbolicLink(folder.File("SmolLM2-135M-Instruct"), Path.GetFullPath(TestData.SmolLM2()));
        using var model = LanguageModel.Load(link.FullName, device: "cpu");
        AnswersAsTheFileSays(Pair(name), model, Pair(name).For(model.Name)!);
    }

    [Fact]
    public void A_run_that_answers_something_else_than_the_file_says_is_a_warning_and_no_error()
    {
        using var model = LanguageModel.Load(TestData.InRepository("models", "mini"), device: "cpu");
        var pair = PromptPair.FromDefinition(Pair("einstein") with { Models = [new("org/mini", " Isaac", " Taylor")] }, model.Tokenizer!);
        var finding = Assert.Single(PairCheck.Run(pair, model).Findings);
        Assert.Equal(new(Severity.Warning, "Of org/mini the corrupt run is expected to answer \" Taylor\", and this model says \" Michael\"."), finding);
        Sweep.Run(model, pair, new SweepOptions { Site = Activation.AttnOut });
    }

    [Fact]
    public void A_copy_that_asks_something_else_is_measured_against_nothing()
    {
        using var model = LanguageModel.Load(TestData.InRepository("models", "mini"), device: "cpu");
        var changed = Pair("einstein") with { Clean = new("Marie Curie", " Isaac"), Corrupt = new("Freddie Mercury", " Michael") };
        Assert.Empty(PromptPair.FromDefinition(changed, model.Tokenizer!).KnownAnswers);
        Assert.NotEmpty(PromptPair.FromDefinition(Pair("einstein") with { Name = "mine" }, model.Tokenizer!).KnownAnswers);
    }

    private static IEnumerable<PairDefinition> For(string model) => Pairs.Where(pair => pair.For(model) is not null);

    private static PairDefinition Pair(string name) => Pairs.First(pair => pair.Name == name);

    private static void AnswersAsTheFileSays(PairDefinition definition, LanguageModel model, PairModel known)
    {
        var pair = PromptPair.FromDefinition(definition, model.Tokenizer!);
        var runs = Baseline.Run(model, pair);
        Assert.Equal((known.Clean, known.Corrupt), (runs.Clean.Best[0].Text, runs.Corrupt.Best[0].Text));
        Assert.Equal(definition.Clean.Target, known.Clean);
        Assert.Empty(PairCheck.Run(pair, model).Findings);
    }
}
