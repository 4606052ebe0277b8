using System.Text.RegularExpressions;
using PatchKernel.Tests.Notebooks;

namespace PatchKernel.Tests.Docs;

/// <summary>Numbers in the documents come from a run, which is done again here.</summary>
/// <remarks>
/// A new number in a text takes a line here, in <see cref="CardStatements"/>, <see cref="NotebookStatements"/> or <see cref="CircuitStatements"/>. After the small model is trained anew, the failures say what is
/// measured now, and the documents alone are edited.
/// </remarks>
public sealed partial class StatedNumbersTests(Measured measured) : IClassFixture<Measured>
{
    private const string Readme = "README.md", Fourth = "notebooks/04-larger-models.dib", SmolLM2 = "SmolLM2";

    private static readonly string[] PairsOfSmolLM2 = ["einstein", "similar", "indirect-object", "capital", "country", "landmark", "opposite"];

    private static readonly Statement[] Mini =
    [
        .. CardStatements.All,
        .. NotebookStatements.All,
        .. NodeStatements.All,
        .. CircuitStatements.All,
        new(Fourth, "the small model's gap was {=} logits", run => [run.Runs("einstein").Gap(Metric.TargetLogit)]),
        new(Fourth, "Nothing to see on this scale: the caption says {<} at most", run => [run.Moved("bfloat16", "similar", "mini")]),
    ];

    private static readonly Statement[] Kept =
    [
        new(Fourth, "The clean run says \" Isaac\" (logit {=})", run => [run.Stored.CleanRun.CleanTarget]),
        new(Fourth, "\" Taylor\" comes first ({=}), \" Michael\" is fourth ({=})", run => [run.Stored.CorruptRun.Best[0].Logit, run.Stored.CorruptRun.CorruptTarget]),
        new(Fourth, "how the logit of \" Isaac\" changes, from {=} to {=}", run => [run.Stored.CorruptRun.CleanTarget, run.Stored.CleanRun.CleanTarget]),
        new(Fourth, "\" Albert\" ({=} in the first layers) *and* \" Einstein\" ({=})", run => [run.Stored.Score(0, 17), run.Stored.Score(0, 18)]),
        new(Fourth, "\" Einstein\" holds to layer {=}.", run => [Measured.Dark(run.Stored, 18)[^1]]),
        new(Fourth, "in layer {=} it first dips to {=}", run => [Dip(run.Stored).Layer, Dip(run.Stored).Score]),
    ];

    private static readonly Statement[] Real =
    [
        new(Readme, "Of SmolLM2 it moves a score by up to {~} (seven pairs: {~} to {~})", MovedByBfloat16),
        new(Fourth, "in SmolLM2 a score moved by up to {~} (seven pairs: {~} to {~})", MovedByBfloat16),
    ];

    public static TheoryData<int> OfMini => [.. Enumerable.Range(0, Mini.Length)];

    public static TheoryData<int> OfStored => [.. Enumerable.Range(0, Kept.Length)];

    public static TheoryData<int> OfSmolLM2 => [.. Enumerable.Range(0, Real.Length)];

    [Theory, MemberData(nameof(OfMini))]
    public void What_is_said_of_the_small_model_is_measured(int statement) => Assert.Empty(Mini[statement].Faults(measured));

    [Theory, MemberData(nameof(OfStored))]
    public void What_is_said_of_a_stored_result_is_in_it(int statement) => Assert.Empty(Kept[statement].Faults(measured));

    [Theory, MemberData(nameof(OfSmolLM2))]
    public void What_is_said_of_SmolLM2_is_measured(int statement)
    {
        TestData.SmolLM2();
        Assert.Empty(Real[statement].Faults(measured));
    }

    [Theory, MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public void Every_number_of_a_notebook_s_answers_is_measured(string name)
    {
        var file = $"notebooks/{name}";
        var measured = ((Statement[])[.. Mini, .. Kept, .. Real]).Where(statement => statement.File == file).SelectMany(statement => statement.Places).ToHashSet();
        var text = Statement.Read(file);
        var unmeasured = from answer in Answers().Matches(text)
                         from number in Decimals().Matches(answer.Value)
                         where !measured.Contains(answer.Index + number.Index)
                         select text[(answer.Index + number.Index - 30)..(answer.Index + number.Index + number.Length)].Replace('\n', ' ');
        Assert.True(!unmeasured.Any(), $"{file} has numbers that no statement of these tests measures; add them: …{string.Join(", …", unmeasured)}");
    }

    [Fact]
    public void The_README_shows_the_plan_that_the_command_prints()
    {
        var plan = SweepCost.Of(ModelSettings.Load(TestData.InRepository("data", "configs", "llama-3.3-70b.json"))).ToString();
        Assert.Contains(plan, File.ReadAllText(TestData.InRepository("README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a gap of {=} by", 15.36, true), InlineData("a gap of {=} by", 15.365, true), InlineData("a gap of {=} by", 15.37, false)]
    [InlineData("{<} at most", 0.019, true), InlineData("{<} at most", 0.03, false), InlineData("{>} and more", 0.99, true), InlineData("{>} and more", 0.9, false)]
    [InlineData("about {~} there", -2, true), InlineData("about {~} there", -9, false), InlineData("of {=} cells", 1224, true), InlineData("a gap of {=} logits", 15.36, false)]
    public void A_number_that_is_off_or_not_there_is_found(string text, double value, bool holds)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("text.md"), "a gap of 15.36\nby this; 0.02 at most; 0.98 and more; about −2.5 there; of 1,224 cells");
        var statement = new Statement(Path.GetRelativePath(TestData.Root, folder.File("text.md")), text, _ => [value]);
        Assert.Equal(holds, statement.Faults(measured).Count == 0);
    }

    private static (int Layer, double Score) Dip(SweepResult result) =>
        Enumerable.Range(0, result.Shape[0]).Select(layer => (layer, (double)result.Score(layer, result.Shape[1] - 1))).MinBy(cell => cell.Item2);

    private static double[] MovedByBfloat16(Measured run)
    {
        var moved = PairsOfSmolLM2.Select(pair => run.Moved("bfloat16", pair, SmolLM2)).ToList();
        return [moved.Max(), moved.Min(), moved.Max()];
    }

    [GeneratedRegex("<details>.*?</details>", RegexOptions.Singleline)]
    private static partial Regex Answers();

    // What the reader types isn't measured: a number in code, and the factors of the steered stream.
    [GeneratedRegex(@"(?<![`.\d])(?<!Change |: at )[−-]?\d+\.\d+(?![.\d])")]
    private static partial Regex Decimals();
}
