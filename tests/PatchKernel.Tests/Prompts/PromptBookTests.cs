using System.Text.Json;
using NJsonSchema;

namespace PatchKernel.Tests.Prompts;

public sealed class PromptBookTests
{
    private const string Pair = """
        {
          "name": "x", "note": "n", "models": [{ "name": "mini", "clean": " t", "corrupt": null }], "template": "A {subject} B",
          "clean": { "subject": "s", "target": " t" },
          "corrupt": { "subject": "u", "target": " v" }
        }
        """;

    private static PromptBook Book => PromptBook.Load(TestData.InRepository("data", "prompts.json"));

    [Fact]
    public async Task The_shipped_pairs_follow_their_schema()
    {
        var schema = await JsonSchema.FromFileAsync(TestData.InRepository("data", "prompts.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(File.ReadAllText(Book.Path)));
        Assert.NotEmpty(schema.Validate("""{ "pairs": [{ "name": "x" }] }"""));
    }

    [Fact]
    public void The_tutorials_pair_reads_as_the_tutorial_has_it()
    {
        var pair = Book.Find("einstein");
        Assert.Equal(
            "Q: Which of the following entities has a profession in common with Albert Einstein? Brad Pitt, Isaac Newton, Michael Jackson.\nA:", pair.CleanText);
        Assert.Equal(
            "Q: Which of the following entities has a profession in common with Taylor Swift? Brad Pitt, Isaac Newton, Michael Jackson.\nA:", pair.CorruptText);
        Assert.Equal((" Isaac", " Michael"), (pair.Clean.Target, pair.Corrupt.Target));
    }

    [Theory]
    [InlineData("einstein", "profession")]
    [InlineData("similar", "similar")]
    [InlineData("indirect-object", "indirect-object")]
    [InlineData("capital", "capital")]
    [InlineData("country", "country")]
    public void The_real_models_pairs_read_as_their_golden_data(string name, string goldenName)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(TestData.Golden("oracle", "smollm2", $"{goldenName}.json")));
        var pair = Book.Find(name);
        Assert.Equal(golden.RootElement.GetProperty("clean").GetString(), pair.CleanText);
        Assert.Equal(golden.RootElement.GetProperty("corrupt").GetString(), pair.CorruptText);
        var targets = golden.RootElement.GetProperty("target_texts").EnumerateArray().Select(text => text.GetString());
        Assert.Equal(targets, [pair.Clean.Target, pair.Corrupt.Target]);
        Assert.Equal((Best("clean"), Best("corrupt")), (pair.For("SmolLM2-135M-Instruct")!.Clean, pair.For("SmolLM2-135M-Instruct")!.Corrupt));

        string? Best(string run) => golden.RootElement.GetProperty($"{run}_best")[0][1].GetString();
    }

    [Fact]
    public void Five_pairs_have_both_answers_right_on_a_real_model_that_everybody_may_download() => Assert.True(5 <= Book.Pairs.Count(pair =>
        pair.For("HuggingFaceTB/SmolLM2-135M-Instruct") is { } known && known.Clean == pair.Clean.Target && known.Corrupt == pair.Corrupt.Target));

    [Theory]
    [InlineData("HuggingFaceTB/SmolLM2-135M-Instruct", true)]
    [InlineData("HuggingFaceTB/SmolLM2-135M-Instruct@v1/x", true)]
    [InlineData("somebody/SmolLM2-135M-Instruct", true)]
    [InlineData("SmolLM2-135M-Instruct", true)]
    [InlineData("SmolLM2-135M-Instruct.Q4_1", true)]
    [InlineData("smollm2-135m-instruct-q4_k_m", true)]
    [InlineData("SmolLM2-135M-Instruct.BF16", true)]
    [InlineData("SmolLM2-135M", false)]
    [InlineData("SmolLM2-360M-Instruct", false)]
    [InlineData("mini", false)]
    [InlineData("", false)]
    public void A_model_is_known_by_its_names_last_part(string name, bool expected) =>
        Assert.Equal(expected, new PairModel("HuggingFaceTB/SmolLM2-135M-Instruct", null, null).Is(name));

    [Fact]
    public void An_unknown_name_is_answered_with_near_ones() =>
        Assert.Contains("did you mean einstein", Assert.Throws<PatchKernelException>(() => Book.Find("einstien")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "p.json' isn't valid JSON at line 1, column 1: it is empty.")]
    [InlineData("[]", "p.json' isn't a JSON object.")]
    [InlineData("{}", "p.json, line 1, column 1: it has no pairs.")]
    [InlineData("{ \"pairs\": [] } x", "isn't valid JSON at line 1, column 17: 'x' can't stand there.")]
    [InlineData("{\n  \"pairs\": [\n    { \"name\": \"é\", oops }", "isn't valid JSON at line 3, column 20: 'o' can't stand there.")]
    [InlineData("{ \"pairs\": [\n  { \"nmae\": \"x\" } ] }", "p.json, line 2, column 13: a pair has the unknown field 'nmae'; known are name, clean")]
    [InlineData("{ \"pairs\": [\n  { \"name\": \"x\", \"name\": \"y\" } ] }", "line 2, column 18: the key 'name' stands there for the second time.")]
    [InlineData("{ \"pairs\": 3 }", "line 1, column 12: pairs is 3 where an array belongs.")]
    [InlineData("{ \"pairs\": [ { \"name\": 3 } ] }", "line 1, column 24: pairs[0].name is 3 where a text belongs.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"\" } ] }", "line 1, column 24: pairs[0].name is empty.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"\\ud800\" } ] }", "column 24: it has a text that isn't valid Unicode.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"n\", \"models\": \"mini\" } ] }", "column 39: pairs[0].models is \"mini\" where an array belongs.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"n\", \"models\": [\"mini\"] } ] }", "column 40: pairs[0].models[0] is \"mini\" where an object belongs.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"n\", \"models\": [\n{ \"name\": \"mini\", \"clean\": null } ] } ] }", "line 2, column 1: it has no pairs[0].models[0].corrupt.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"n\", \"models\": [\n{ \"best\": \" a\" } ] } ] }", "line 2, column 11: a model has the unknown field 'best'; known are name, clean, corrupt, note.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"n\", \"models\": [\n{ \"name\": \"m\", \"clean\": 1 } ] } ] }", "line 2, column 25: pairs[0].models[0].clean is 1 where a text belongs.")]
    [InlineData("{ \"pairs\": [\n { \"name\": \"x\" } ] }", "line 2, column 2: it has no pairs[0].clean.")]
    public void A_broken_file_is_refused_with_line_and_column(string json, string expected) =>
        Assert.Contains(expected, Refusal(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("{subject}", "{sujbect}", "the unknown place {sujbect}")]
    [InlineData("{subject}", "nobody", "no {subject} in its template")]
    [InlineData("{subject}", "{subject} {options}", "{options} in its template but no options")]
    [InlineData("\"note\": \"n\"", "\"note\": \"n\", \"options\": [\"a\"]", "options but no {options}")]
    [InlineData("null }]", "null }, { \"name\": \"org/Mini\", \"clean\": null, \"corrupt\": null }]", "names the model 'mini' twice")]
    [InlineData("\"u\"", "\"s\"", "the same clean and corrupt subject, 's'")]
    [InlineData("\" v\"", "\" t\"", "the same clean and corrupt target, ' t'")]
    [InlineData("\" t\" },", "\" t\", \"answer\": 1 },", "'clean' has the unknown field 'answer'")]
    public void A_pair_that_makes_no_sense_is_refused(string good, string bad, string expected) =>
        Assert.Contains(expected, Refusal($"{{ \"pairs\": [ {Pair.Replace(good, bad, StringComparison.Ordinal)} ] }}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"clean\": \"a b\", \"corrupt\": \"c d\"", "a b", "c d", null, null)]
    [InlineData("\"clean\": { \"text\": \"a {subject}\", \"target\": \" t\" }, \"corrupt\": { \"text\": \"c d\" }", "a {subject}", "c d", " t", null)]
    [InlineData("\"template\": \"is {subject}?\", \"clean\": \"a\", \"corrupt\": { \"subject\": \"c\", \"target\": \" t\" }", "is a?", "is c?", null, " t")]
    public async Task A_pair_of_ones_own_needs_no_more_than_two_texts(string sides, string clean, string corrupt, string? cleanTarget, string? corruptTarget)
    {
        using var folder = new TemporaryFolder();
        var json = $"{{ \"pairs\": [ {{ \"name\": \"x\", {sides} }} ] }}";
        File.WriteAllText(folder.File("p.json"), json);
        var pair = PromptBook.Load(folder.File("p.json")).Find("x");
        Assert.Equal((clean, corrupt, cleanTarget, corruptTarget), (pair.CleanText, pair.CorruptText, pair.Clean.Target, pair.Corrupt.Target));
        Assert.Null(pair.Note);
        Assert.Empty(pair.Models);
        Assert.False(pair.HasTargets);
        Assert.NotEmpty(pair.ToHtml());
        var schema = await JsonSchema.FromFileAsync(TestData.InRepository("data", "prompts.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(json));
        using var model = LanguageModel.Load(TestData.InRepository("models", "mini"));
        Assert.Contains("has no target", Assert.Throws<PatchKernelException>(() => PromptPair.FromDefinition(pair, model.Tokenizer!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_side_may_have_several_answers()
    {
        using var folder = new TemporaryFolder();
        const string json = """
            { "pairs": [ { "name": "x", "clean": { "text": "a b", "target": [" Isaac", " Michael"] }, "corrupt": { "text": "a c", "target": " Brad" } } ] }
            """;
        File.WriteAllText(folder.File("p.json"), json);
        var pair = PromptBook.Load(folder.File("p.json")).Find("x");
        Assert.Equal([" Isaac", " Michael"], pair.Clean.Targets);
        Assert.Equal([" Brad"], pair.Corrupt.Targets);
        Assert.Equal((" Isaac", "a b → \" Isaac\" or \" Michael\""), (pair.Clean.Target, pair.Clean.ToString()));
        var schema = await JsonSchema.FromFileAsync(TestData.InRepository("data", "prompts.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(json));
        using var model = LanguageModel.Load(TestData.InRepository("models", "mini"));
        var named = PromptPair.FromTexts("Q: Which of", "Q: Which the", pair.Clean.Targets, pair.Corrupt.Targets, model.Tokenizer!);
        Assert.Equal([" Isaac", " Michael"], named.CleanTargets.Select(target => target.Text));
        Assert.Equal(named.CleanTargets[0], named.CleanTarget);
    }

    [Theory]
    [InlineData("[]", ".target is an empty list")]
    [InlineData("[\"a\", \"a\"]", ".target has a text twice")]
    [InlineData("[\"a\", 1]", "where a text belongs")]
    [InlineData("[\"a\", \"\"]", ".target[1] is empty")]
    [InlineData("7", "where a text or a list of texts belongs")]
    [InlineData("[\"a\", \" v\"]", "the same clean and corrupt target, ' v'")]
    public async Task Answers_that_make_no_sense_are_refused(string targets, string expected)
    {
        var json = $"{{ \"pairs\": [ {Pair.Replace("\" t\" }", $"{targets} }}", StringComparison.Ordinal)} ] }}";
        Assert.Contains(expected, Refusal(json), StringComparison.Ordinal);
        var schema = await JsonSchema.FromFileAsync(TestData.InRepository("data", "prompts.schema.json"), TestContext.Current.CancellationToken);
        if (!expected.Contains("same", StringComparison.Ordinal)) Assert.NotEmpty(schema.Validate(json));
    }

    [Theory]
    [InlineData("\"clean\": { \"subject\": \"a\" }, \"corrupt\": \"c\"", "'clean' needs a 'text', the whole prompt, and no 'subject': the pair has no template")]
    [InlineData("\"template\": \"{subject}\", \"clean\": { \"text\": \"a\" }, \"corrupt\": \"c\"", "'clean' needs a 'subject', which stands in the template, and no 'text'")]
    [InlineData("\"clean\": { \"target\": \"a\" }, \"corrupt\": \"c\"", "'clean' needs a 'text'")]
    [InlineData("\"clean\": { \"text\": \"a\", \"subject\": \"a\" }, \"corrupt\": \"c\"", "'clean' needs a 'text'")]
    [InlineData("\"clean\": 1, \"corrupt\": \"c\"", "pairs[0].clean is 1 where a text or an object belongs.")]
    [InlineData("\"clean\": \"c\", \"corrupt\": \"c\"", "has the same clean and corrupt prompt")]
    [InlineData("\"options\": [\"o\"], \"clean\": \"a\", \"corrupt\": \"c\"", "has options but no {options} in its template")]
    public async Task Sides_that_make_no_sense_are_refused(string sides, string expected)
    {
        var json = $"{{ \"pairs\": [ {{ \"name\": \"x\", {sides} }} ] }}";
        Assert.Contains(expected, Refusal(json), StringComparison.Ordinal);
        var schema = await JsonSchema.FromFileAsync(TestData.InRepository("data", "prompts.schema.json"), TestContext.Current.CancellationToken);
        if (!expected.Contains("same", StringComparison.Ordinal)) Assert.NotEmpty(schema.Validate(json));
    }

    [Theory]
    [InlineData("{ \"pairs\": [\n{ \"\\ud800\": 1 } ] }", "it has a text that isn't valid Unicode.")]
    [InlineData("{ \"pairs\": [ { \"name\": \"x\\ud800y\" } ] }", "column 24: it has a text that isn't valid Unicode.")]
    [InlineData("{ \"\\udc00pairs\": [] }", "it has a text that isn't valid Unicode.")]
    [InlineData("{ \"pairs\": [ ", "column 14: it ends too early.")]
    [InlineData("{ \"pairs\": [], }", "column 16: the comma before the end has nothing after it.")]
    [InlineData("{ \"pairs\": [\n  oops ] }", "line 2, column 3: 'o' can't stand there.")]
    [InlineData("{ /* c */ }", "column 3: JSON has no comments.")]
    public void Broken_text_is_told_in_our_own_words(string json, string expected) => Assert.Contains(expected, Refusal(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("{ \"pairs\": [\n{ \"n\u00ff\": 1 } ] }", "line 2, column 5")]
    [InlineData("{ \"pairs\": [ { \"name\": \"\u00c3\" } ] }", "line 1, column 25")]
    [InlineData("\u00fe\u00ff{}", "line 1, column 1")]
    public void Bytes_that_arent_text_are_placed(string latin1, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("p.json"), System.Text.Encoding.Latin1.GetBytes(latin1));
        Assert.Equal($"'{folder.File("p.json")}' isn't UTF-8 text at {expected}.", Assert.Throws<PatchKernelException>(() => PromptBook.Load(folder.File("p.json"))).Message);
    }

    [Fact]
    public void Two_pairs_of_one_name_are_refused() =>
        Assert.Contains("a second pair named 'x'", Refusal($"{{ \"pairs\": [ {Pair}, {Pair} ] }}"), StringComparison.Ordinal);

    [Fact]
    public void A_byte_order_mark_is_no_fault()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("p.json"), $"{{ \"pairs\": [ {Pair} ] }}", new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal("A s B", PromptBook.Load(folder.File("p.json")).Find("x").CleanText);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("no prompts file 'nowhere/p.json'", Assert.Throws<PatchKernelException>(() => PromptBook.Load("nowhere/p.json")).Message, StringComparison.Ordinal);

    private static string Refusal(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("p.json"), json);
        var message = Assert.Throws<PatchKernelException>(() => PromptBook.Load(folder.File("p.json"))).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
