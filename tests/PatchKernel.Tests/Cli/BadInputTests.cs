using System.Buffers.Binary;
using System.Text;

namespace PatchKernel.Tests.Cli;

/// <summary>Each kind of bad input ends with exit code 1 and one line that says what to do.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private string ConfigPath => folder.File("config.json");
    private string WeightsPath => folder.File("model.safetensors");

    public BadInputTests()
    {
        foreach (var name in new[] { "config.json", "model.safetensors" }) File.Copy(Path.Combine(CliRun.Tiny, name), folder.File(name));
    }

    public void Dispose() => folder.Dispose();

    private string Failure() => CliRun.Of(["check", "--model", folder.Path, .. CliRun.TinyPair[2..]]).Failure();

    [Fact]
    public void The_copied_checkpoint_is_good() => CliRun.Of(["check", "--model", folder.Path, .. CliRun.TinyPair[2..]]).Success();

    [Fact]
    public void A_missing_folder_is_named() =>
        Assert.Contains("no model folder 'nowhere'", CliRun.Of("sweep", "--model", "nowhere").Failure(), StringComparison.Ordinal);

    [Fact]
    public void A_folder_without_config_is_named()
    {
        File.Delete(ConfigPath);
        Assert.Contains("has no config.json", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_off_file_is_refused()
    {
        var bytes = File.ReadAllBytes(WeightsPath);
        File.WriteAllBytes(WeightsPath, bytes[..(bytes.Length / 2)]);
        Assert.Contains("model.safetensors", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_longer_than_any_file_is_refused()
    {
        var bytes = File.ReadAllBytes(WeightsPath);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, 1UL << 60);
        File.WriteAllBytes(WeightsPath, bytes);
        Assert.Contains("1152921504606846976", Failure().Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Overlapping_tensors_are_refused()
    {
        var header = Encoding.UTF8.GetBytes("""
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}
            """);
        byte[] bytes = [.. new byte[8], .. header, .. new byte[12]];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        File.WriteAllBytes(WeightsPath, bytes);
        Assert.Contains("overlap", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_rope_type_is_refused_by_name()
    {
        File.WriteAllText(ConfigPath, File.ReadAllText(ConfigPath).Replace("llama3", "spiral", StringComparison.Ordinal));
        Assert.Contains("spiral", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_of_unequal_length_are_shown_side_by_side()
    {
        var run = CliRun.Of("sweep", "--model", folder.Path, "--clean-ids", "1,5,6,9", "--corrupt-ids", "1,7,9", "--target-ids", "2,3");
        Assert.Contains("The clean prompt has 4 tokens and the corrupt one 3", run.Failure(), StringComparison.Ordinal);
        Assert.Contains("  pos  clean  corrupt\n    1  5      7\n    2  6\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_targets_are_refused() => Assert.Contains("Both targets are token 2",
        CliRun.Of("check", "--model", folder.Path, "--clean-ids", "1,5", "--corrupt-ids", "1,7", "--target-ids", "2,2").Failure(), StringComparison.Ordinal);

    [Fact]
    public void Ids_outside_the_vocabulary_are_refused() => Assert.Contains("the id 211, and the model's ids are 0 to 210",
        CliRun.Of("check", "--model", folder.Path, "--clean-ids", "1,211", "--corrupt-ids", "1,7", "--target-ids", "2,3").Failure(), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_pair_is_answered_with_near_names() =>
        Assert.Contains("did you mean einstein?", CliRun.Of("sweep", "--pair", "einstien").Failure(), StringComparison.Ordinal);

    [Fact]
    public void A_broken_prompts_file_is_refused_with_line_and_column()
    {
        File.WriteAllText(folder.File("p.json"), "{ \"pairs\": [\n  oops ] }");
        Assert.StartsWith($"'{folder.File("p.json")}' isn't valid JSON at line 2, column 3: 'o' can't stand there.",
            CliRun.Of("sweep", "--prompts", folder.File("p.json")).Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_for_a_checkpoint_without_a_tokenizer_is_refused() => Assert.Contains("There is no tokenizer.json in",
        CliRun.Of("check", "--model", folder.Path, "--clean", "a", "--corrupt", "b", "--targets", " A", " B").Failure(), StringComparison.Ordinal);

    [Fact]
    public void A_graphics_card_that_isnt_there_is_refused() => Assert.Contains("cuda:99",
        CliRun.Of(["check", .. CliRun.TinyPair, "--device", "cuda:99"]).Failure(), StringComparison.Ordinal);

    [Theory]
    [InlineData(".", "it is a folder")]
    public void An_output_path_that_isnt_one_is_refused(string path, string expected) =>
        Assert.Contains(expected, CliRun.Of(["sweep", .. CliRun.TinyPair, "--html", path]).Failure(), StringComparison.Ordinal);
}
