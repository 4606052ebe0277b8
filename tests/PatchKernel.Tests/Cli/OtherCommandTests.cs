using System.IO.Compression;
using System.Text.Json;

namespace PatchKernel.Tests.Cli;

public sealed class OtherCommandTests
{
    [Fact]
    public void Check_shows_where_the_tokenizations_differ_and_the_gap()
    {
        var output = CliRun.Of(["check", .. CliRun.TinyPair]).Success();
        Assert.Contains("10 tokens each\n  pos  clean  corrupt\n    4  137    156\n    5  59     70\n", output, StringComparison.Ordinal);
        Assert.Contains("gap         2.24 by target_logit", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_lists_the_best_tokens_with_their_probabilities()
    {
        var lines = CliRun.Of("predict", "--model", CliRun.Tiny, "--ids", "1,201,75", "--top", "3").Success().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("prompt      3 ids 1,201,75", lines[0]);
        Assert.Equal(["rank", "id", "token", "probability", "logit"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["1", "2", "3"], lines[2..].Select(line => line.TrimStart()[..1]));

        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        var logits = model.NextTokenLogits([1, 201, 75]);
        var best = Array.IndexOf(logits, logits.Max());
        var probability = 1 / logits.Sum(logit => Math.Exp(logit - logits[best]));
        Assert.Contains($"{best}", lines[2], StringComparison.Ordinal);
        Assert.Contains(probability.ToString("F4", System.Globalization.CultureInfo.InvariantCulture), lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_GGUF_file_runs_like_its_folder()
    {
        var gguf = TinyCase.Gguf("llama3.2-tied-gqa-rope3");
        foreach (var command in (string[][])[["model"], ["predict", "--ids", "1,201,75"]])
            Assert.Equal(CliRun.Of([.. command, "--model", CliRun.Tiny]).Success(), CliRun.Of([.. command, "--model", gguf]).Success());
        Assert.Equal($"'{gguf}' has no tokenizer: give token ids instead of texts.", CliRun.Of("predict", "--model", gguf, "--text", "x").Failure());
        Assert.Equal($"'{gguf}' has no tokenizer: give token ids instead of texts.", CliRun.Of("tokens", "--model", gguf, "--text", "x").Failure());
    }

    [Fact]
    public void Tokens_of_a_GGUF_file_need_no_other_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("small.gguf"), GgufBuilder.Llama().Build());
        var table = CliRun.Of("tokens", "--model", folder.File("small.gguf"), "--text", "abc ab").Success();
        Assert.Equal("pos   id  token\n  0  258  \"<s>\"\n  1  257  \"abc\"\n  2   32  \" \"\n  3  256  \"ab\"\n", table);
    }

    [Fact]
    public void Model_prints_the_tree_and_the_number_of_parameters()
    {
        var output = CliRun.Of("model", "--model", CliRun.Tiny).Success();
        Assert.StartsWith("LlamaForCausalLM(\n  (model): LlamaModel(\n    (embed_tokens): Embedding(211, 48)\n", output, StringComparison.Ordinal);
        Assert.Contains("(q_proj): Linear(in_features=48, out_features=48, bias=False)", output, StringComparison.Ordinal);
        Assert.Matches("all +77,280\n", output);
    }

    [Fact]
    public void Tokens_needs_the_tokenizers_files_alone_and_writes_many_texts()
    {
        using var folder = new TemporaryFolder();
        using (var packed = File.OpenRead(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tokens", "smollm2.tokenizer.json.gz")))
        using (var json = new GZipStream(packed, CompressionMode.Decompress))
        using (var file = File.Create(folder.File("tokenizer.json")))
            json.CopyTo(file);

        var table = CliRun.Of("tokens", "--model", folder.Path, "--text", " capital of\n").Success();
        Assert.Equal("pos    id  token\n  0  3575  \" capital\"\n  1   282  \" of\"\n  2   198  \"\\n\"\n", table);

        string[] texts = ["The capital", " é\n", "", "<|im_start|>"];
        File.WriteAllText(folder.File("in.json"), JsonSerializer.Serialize(texts));
        CliRun.Of("tokens", "--model", folder.Path, "--input", folder.File("in.json"), "--json", folder.File("out.json")).Success();
        using var written = JsonDocument.Parse(File.ReadAllText(folder.File("out.json")));
        var rows = written.RootElement.EnumerateArray().ToList();
        Assert.Equal(texts, rows.Select(row => row.GetProperty("text").GetString()));
        Assert.Equal(texts, rows.Select(row => row.GetProperty("decoded").GetString()));
        Assert.Equal("[504,3575]", JsonSerializer.Serialize(rows[0].GetProperty("ids")));
        Assert.Equal("[504,3575]", JsonSerializer.Serialize(rows[0].GetProperty("with_special")));
        Assert.Equal("[1]", JsonSerializer.Serialize(rows[3].GetProperty("ids")));
    }

    [Theory]
    [InlineData("{}", "must hold a JSON array of texts")]
    [InlineData("[1]", "must hold a JSON array of texts")]
    [InlineData("[\"a\", \"b\"\n x", "line 2, column 2: not valid JSON")]
    public void Texts_that_are_none_are_refused(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("in.json"), content);
        var model = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny");
        var failure = CliRun.Of("tokens", "--model", model, "--input", folder.File("in.json"), "--json", folder.File("out.json")).Failure();
        Assert.Contains(expected, failure, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("out.json")));
    }
}
