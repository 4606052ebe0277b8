namespace PatchKernel.Tests.Cli;

/// <summary>Sweeps by role on the command line.</summary>
public sealed class RoleCommandTests : IDisposable
{
    private static readonly string[] Unequal = ["--clean", "the cat is", "--corrupt", "the old dog is", "--targets", "a", "b"];

    private readonly BytesModel model = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    private CliRun Sweep(params string[] options) =>
        CliRun.Of(["sweep", "--model", model.Path, .. Unequal, "--html", folder.File("a.html"), "--json", folder.File("a.json"), .. options]);

    private SweepResult Result => SweepResult.Load(folder.File("a.json"));

    [Fact]
    public void Prompts_of_unequal_length_are_swept_by_the_words_that_are_named()
    {
        var output = Sweep("--span", "subject", "cat", "old dog", "--positions", "subject.last,subject.mean,last").Success();
        Assert.Contains("spans       subject \"cat\" (corrupt: \"old dog\"), positions 5 to 7 (corrupt: 5 to 11)\n", output, StringComparison.Ordinal);
        Assert.Matches("\nrole +0 ", output);
        Assert.Matches("\nsubject\\.last +-?[0-9.]+", output);
        Assert.Equal(("layer role", 3), (string.Join(' ', Result.Axes), Result.Shape[1]));
        Assert.Equal([[7], [5, 6, 7], [10]], Result.Places!.Select(place => place.Clean.ToArray()));
        Assert.Equal([[11], [5, 6, 7, 8, 9, 10, 11], [14]], Result.Places!.Select(place => place.Corrupt.ToArray()));
        using var loaded = LanguageModel.Load(model.Path, device: "cpu");
        Assert.Equal(PatchKernel.Sweep.Run(loaded, Result.Pair, new() { Roles = TokenRole.ParseAll("subject.last,subject.mean,last") }).CleanTarget, Result.CleanTarget);
    }

    [Fact]
    public void Positions_align_prompts_of_ids_too()
    {
        string[] ids = ["sweep", .. CliRun.TinyPair, "--no-html", "--json", folder.File("a.json")];
        CliRun.Of([.. ids, "--positions", "-1:-1,4:4+5:5"]).Success();
        Assert.Equal(["-1:-1", "4:4+5:5"], Result.Places!.Select(place => place.Role));
        var aligned = Result;
        CliRun.Of(ids).Success();
        for (var layer = 0; layer < Result.Shape[0]; layer++) Assert.Equal(Result.Score(layer, 9), aligned.Score(layer, 0), 1e-4f);
        Assert.Contains("--span names words, and the prompts are ids", CliRun.Of([.. ids, "--span", "a", "b", "c"]).Failure(2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_pair_brings_its_template_s_spans()
    {
        var output = CliRun.Of("sweep", "--positions", "subject.last,options[1].last,last", "--no-html", "--json", folder.File("a.json")).Success();
        Assert.Contains("            options[1] \" Isaac Newton\", positions 20 to 21\n", output, StringComparison.Ordinal);
        Assert.Equal([15, 21, 27], Result.Places!.Select(place => place.Clean.Single()));
        CliRun.Of("sweep", "--positions", "subject.last,country", "--span", "country", "Newton", "Newton", "--no-html").Success();
        CliRun.Of("sweep", "--positions", "subject.last,prefix.mean", "--source", "mean", "--no-html", "--json", folder.File("a.json")).Success();
        Assert.Equal("mean", Result.Source);
    }

    [Fact]
    public void Without_roles_unequal_prompts_are_told_how_to_ask() =>
        Assert.EndsWith("--span and --positions on the command line.", Sweep().Failure(), StringComparison.Ordinal);

    [Theory]
    [InlineData(1, "The role subject.last needs the span 'subject', and the prompts have none; name its words by --span subject CLEAN CORRUPT, or take last, or positions such as 3:4.", "--positions", "subject.last")]
    [InlineData(1, "The role subject.last needs the span 'subject', and the prompts have only animal; ", "--positions", "subject.last", "--span", "animal", "cat", "dog")]
    [InlineData(1, "The span 'animal' has 3 tokens in one prompt and 7 in the other, ", "--positions", "animal.each", "--span", "animal", "cat", "old dog")]
    [InlineData(1, "The alignment '3:99' has position 99, ", "--positions", "3:99")]
    [InlineData(1, "A span's words, \"cow\", aren't in the prompt ", "--positions", "last", "--span", "animal", "cow", "dog")]
    [InlineData(2, "--positions has no 'middle'; choose one of default, each, all, or give roles, such as subject.last,last; see --help.", "--positions", "middle of it")]
    [InlineData(2, "--positions a.middle: There is no role 'a.middle'; ", "--positions", "a.middle")]
    [InlineData(2, "--positions 3:x: There are no positions '3:x'; ", "--positions", "3:x")]
    [InlineData(2, "The role last is named twice; ", "--positions", "last,last")]
    [InlineData(2, "--span takes a name, the clean prompt's words and the corrupt prompt's, such as --span subject \"France\" \"Spain\"; ", "--span", "animal", "cat")]
    [InlineData(2, "--span can't name a span 'last': ", "--span", "last", "cat", "dog")]
    [InlineData(2, "--span names 'a' twice; ", "--span", "a", "cat", "dog", "--span", "a", "the", "the")]
    public void What_has_no_place_is_one_sentence(int exitCode, string sentence, params string[] options) =>
        Assert.StartsWith(sentence.Replace("'middle'", "'middle of it'", StringComparison.Ordinal), Sweep(options).Failure(exitCode), StringComparison.Ordinal);

    [Fact]
    public void A_check_shows_spans_and_lets_unequal_prompts_run_that_have_some()
    {
        string[] check = ["check", "--model", model.Path, .. Unequal];
        Assert.Equal(1, CliRun.Of(check).ExitCode);
        var run = CliRun.Of([.. check, "--span", "animal", "cat", "old dog"]);
        Assert.Contains("warning: The prompts have 11 and 15 tokens: a sweep goes by role, such as --positions animal.last.\n", run.Error, StringComparison.Ordinal);
        var output = run.Success();
        Assert.Contains("spans       animal \"cat\"", output, StringComparison.Ordinal);
        Assert.Contains("clean run ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_user_s_turn_spans_stand_where_its_words_are()
    {
        // The words stand in the template as well, and blanks are cut off.
        model.With("chat_template.jinja", "cat dog {% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</>{% endfor %}cat dog");
        string[] chat = ["sweep", "--model", model.Path, "--clean", " a cat", "--corrupt", " a dog", "--targets", "a", "b", "--as-chat", "--no-html", "--json", folder.File("a.json")];
        CliRun.Of([.. chat, "--span", "animal", "cat", "dog", "--span", "all", " a cat", " a dog", "--positions", "animal.each,all.first,last"]).Success();
        var prompt = Result.Pair.Clean;
        Assert.Equal("cat dog <user>a cat</>cat dog", prompt.Text);
        Assert.Equal("cat", Spelled("animal"));
        Assert.Equal("a cat", Spelled("all"));
        Assert.Equal(prompt.Text!.IndexOf("a cat", StringComparison.Ordinal), prompt.Spans["all"].Start);

        string Spelled(string span) => string.Concat(prompt.Spans[span].Positions.Select(pos => prompt.Tokens![pos]));
    }

    [Fact]
    public void A_template_that_changes_the_text_has_no_place_for_spans()
    {
        model.With("chat_template.jinja", "{% for m in messages %}{{ m.content | upper }}{% endfor %}");
        string[] chat = ["sweep", "--model", model.Path, "--clean", "a cat", "--corrupt", "a dog", "--targets", "a", "b", "--as-chat", "--no-html"];
        CliRun.Of(chat).Success();
        Assert.Equal(
            $"The chat template of {Path.GetFileName(model.Path)} changes the user's text, so the spans have no place in it; give positions, or prompts that aren't a user's turn.",
            CliRun.Of([.. chat, "--span", "animal", "cat", "dog"]).Failure());
    }
}
