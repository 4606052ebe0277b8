namespace PatchKernel.Tests.Checkpoints;

/// <summary>A tokenizer that can't be used stops texts alone.</summary>
public sealed class IdsWithoutTokenizerTests : IDisposable
{
    private readonly BytesModel model = new();

    public void Dispose() => model.Dispose();

    /// <summary>What is done to tokenizer.json, and what is said of it.</summary>
    public static TheoryData<string, string, string> Unusable { get; } = new()
    {
        { "model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix is \"##\", which isn't supported" },
        { "normalizer", """{"type": "Nmt"}""", "Nmt" },
        { "model", """{"type": "Unigram", "vocab": [["a", 0]], "unk_id": 0}""", "model.type is \"Unigram\", which isn't supported" },
        { "pre_tokenizer", """{"type": "Metaspace"}""", "pre_tokenizer" },
        { "model.merges", """["a zz"]""", "its merges don't fit its vocabulary" },
        { "model.vocab", """{"a": 0, "b": 0}""", "id 0 belongs to two tokens" },
        { "", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "tokenizer.json" },
        { "", "{\"version\": \"1.0\", \"model\": {\"vocab\": {\"a\": 0,", "tokenizer.json" },
    };

    private void Spoil(string path, string json) => _ = path.Length == 0 ? model.With("tokenizer.json", json) : model.Edit(path, json);

    [Theory, MemberData(nameof(Unusable))]
    public void The_library_runs_ids_and_says_once_why_there_are_no_texts(string path, string json, string said)
    {
        using (var whole = LanguageModel.Load(model.Path, device: "cpu"))
        {
            var logits = whole.NextTokenLogits([0, 5, 9]);
            Spoil(path, json);
            using var spoilt = LanguageModel.Load(model.Path, device: "cpu");
            Assert.Null(spoilt.Tokenizer);
            Assert.Equal(logits, spoilt.NextTokenLogits([0, 5, 9]));
            Assert.Null(spoilt.Predict(Prompt.FromIds([0, 5, 9])).Best[0].Token.Text);
            var warning = Assert.Single(spoilt.Warnings);
            Assert.Contains(said, warning, StringComparison.Ordinal);
            Assert.EndsWith("give token ids instead of texts.", warning, StringComparison.Ordinal);
        }
        using var checkpoint = Checkpoint.Open(model.Path);
        Assert.False(checkpoint.HasTokenizer);
        Assert.Contains(said, Assert.Throws<PatchKernelException>(() => checkpoint.Tokenizer).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Unusable))]
    public void The_command_runs_ids_with_one_warning_and_refuses_texts_with_one_error(string path, string json, string said)
    {
        Spoil(path, json);
        string[] pair = ["--model", model.Path, "--clean-ids", "0,5,9", "--corrupt-ids", "0,6,9", "--target-ids", "3,4"];
        foreach (var run in new[]
        {
            CliRun.Of("predict", "--model", model.Path, "--ids", "0,5,9"),
            CliRun.Of(["check", .. pair]),
            CliRun.Of(["sweep", "--html", model.File("x.html"), .. pair]),
        })
        {
            run.Success();
            Assert.Contains(said, Assert.Single(run.Error.Split('\n'), line => line.Contains("tokenizer.json", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
        foreach (var run in new[]
        {
            CliRun.Of("predict", "--model", model.Path, "--text", "hi"),
            CliRun.Of("check", "--model", model.Path, "--clean", "hi a", "--corrupt", "hi b", "--targets", "x", "y"),
            CliRun.Of("check", "--model", model.Path),
        })
            Assert.Contains(said, run.Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void Looking_for_warnings_doesn_t_read_vocabulary_and_merges()
    {
        model.Edit("model.merges", """["a zz"]""");
        using var checkpoint = Checkpoint.Open(model.Path);
        Assert.Empty(checkpoint.Warnings);
        Assert.False(checkpoint.HasTokenizer);
        Assert.Single(checkpoint.Warnings);
    }
}
