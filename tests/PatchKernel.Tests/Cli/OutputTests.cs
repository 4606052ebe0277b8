using System.Diagnostics;
using System.Text.Json;

namespace PatchKernel.Tests.Cli;

/// <summary>Where a sweep's files go, and what happens where one can't be written.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static CliRun Sweep(params string[] options) => CliRun.Of(["sweep", .. CliRun.TinyPair, .. options]);

    private string[] Names() => [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)!).Order()];

    [Fact]
    public void Without_a_page_no_page_is_written()
    {
        var output = Sweep("--no-html", "--json", folder.File("a.json")).Success();
        Assert.Equal(["a.json"], Names());
        Assert.DoesNotContain("patching.html", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("/dev/stdout")]
    public void Standard_output_has_the_result_alone(string place)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && place != "-", "needs /dev/stdout");
        var run = Sweep("--no-html", "--json", place, "--metric", "target_logit,rank");
        Assert.Equal(0, run.ExitCode);
        File.WriteAllText(folder.File("a.json"), run.Output);
        Assert.Equal(30, SweepResult.Load(folder.File("a.json")).Values["rank"].Length);
        Assert.Contains("Data range: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("clean run   token 82 ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_output_that_fails_leaves_the_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/full");
        var run = Sweep("--html", "/dev/full", "--json", folder.File("a.json"), "--image", folder.File("a.svg"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error: Cannot write '/dev/full': no space is left on the disk.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(["a.json", "a.svg"], Names());
        Assert.Equal(30, SweepResult.Load(folder.File("a.json")).NormalisedScore.Length);
        Assert.Contains($"wrote {folder.File("a.json")}\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("wrote /dev/full", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_output_that_fails_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/full");
        File.CreateSymbolicLink(folder.File("full.svg"), "/dev/full");
        var run = Sweep("--html", "/dev/full", "--image", folder.File("full.svg"), "--json", folder.File("a.json"));
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(2, run.Error.Split('\n').Count(line => line.StartsWith("error: Cannot write '", StringComparison.Ordinal)));
        Assert.NotEmpty(SweepResult.Load(folder.File("a.json")).Values);
    }

    [Fact]
    public void A_small_disk_takes_the_numbers_before_the_page()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs a user who may mount a small disk");
        var disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk), "needs a system that lets it mount a small disk");
        try
        {
            var run = Sweep("--html", Path.Combine(disk, "a.html"), "--json", Path.Combine(disk, "a.json"));
            Assert.Equal(1, run.ExitCode);
            Assert.Contains($"Cannot write '{Path.Combine(disk, "a.html")}': no space is left on the disk.", run.Error, StringComparison.Ordinal);
            Assert.Equal(30, SweepResult.Load(Path.Combine(disk, "a.json")).NormalisedScore.Length);
            Assert.Equal(["a.json"], Directory.GetFileSystemEntries(disk).Select(path => Path.GetFileName(path)));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Fact]
    public void A_model_s_own_file_is_never_an_output()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        foreach (var name in new[] { "config.json", "model.safetensors" }) File.Copy(Path.Combine(CliRun.Tiny, name), folder.File(name));
        Directory.CreateDirectory(folder.File("sub"));
        Directory.CreateSymbolicLink(folder.File("sub/model"), folder.Path);
        File.CreateSymbolicLink(folder.File("sub/result.json"), "../config.json");
        var config = File.ReadAllBytes(folder.File("config.json"));
        string[] places =
        [
            folder.File("config.json"), folder.File("sub/../config.json"), folder.File("sub/model/config.json"), folder.File("sub/result.json"),
            folder.File("tokenizer_config.json"), folder.File("model.safetensors"),
        ];
        foreach (var place in places)
            Assert.StartsWith("--json would write '", CliRun.Of(["sweep", .. CliRun.TinyPair[2..], "--model", folder.Path, "--no-html", "--json", place]).Failure(2), StringComparison.Ordinal);
        Assert.Equal(config, File.ReadAllBytes(folder.File("config.json")));
        Assert.False(File.Exists(folder.File("tokenizer_config.json")));
        CliRun.Of(["sweep", .. CliRun.TinyPair[2..], "--model", folder.Path, "--no-html", "--json", folder.File("result.json")]).Success();
    }

    [Fact]
    public void A_models_folder_of_links_and_a_GGUF_file_are_spared()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        Directory.CreateDirectory(folder.File("blobs"));
        Directory.CreateDirectory(folder.File("snapshot"));
        foreach (var (name, blob) in new[] { ("config.json", "a"), ("model.safetensors", "b") })
        {
            File.Copy(Path.Combine(CliRun.Tiny, name), folder.File($"blobs/{blob}"));
            File.CreateSymbolicLink(folder.File($"snapshot/{name}"), $"../blobs/{blob}");
        }
        Assert.Contains("would write", CliRun.Of(["sweep", .. CliRun.TinyPair[2..], "--model", folder.File("snapshot"), "--no-html", "--json", folder.File("blobs/b")]).Failure(2), StringComparison.Ordinal);
        File.Copy(TinyCase.Gguf("llama3.2-tied-gqa-rope3"), folder.File("m.gguf"));
        Assert.Contains("would write", CliRun.Of(["sweep", .. CliRun.TinyPair[2..], "--model", folder.File("m.gguf"), "--no-html", "--json", folder.File("m.gguf")]).Failure(2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompts_file_and_texts_that_are_read_are_spared()
    {
        File.WriteAllText(folder.File("p.json"), """{ "pairs": [{ "name": "x", "clean": { "text": "a", "target": "b" }, "corrupt": { "text": "c", "target": "d" } }] }""");
        Assert.Contains("--json would write", CliRun.Of("sweep", "--prompts", folder.File("p.json"), "--no-html", "--json", folder.File("./p.json")).Failure(2), StringComparison.Ordinal);
        File.WriteAllText(folder.File("t.json"), """["a"]""");
        Assert.Contains("--json would write", CliRun.Of("tokens", "--input", folder.File("t.json"), "--json", folder.File("t.json")).Failure(2), StringComparison.Ordinal);
        Assert.Equal("""["a"]""", File.ReadAllText(folder.File("t.json")));
    }

    [Fact]
    public void Two_spellings_of_one_output_are_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        File.CreateSymbolicLink(folder.File("link.html"), "a.html");
        Assert.StartsWith("two outputs would go to the same file", Sweep("--html", folder.File("a.html"), "--json", folder.File("link.html")).Failure(2), StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_go_to_standard_output_too()
    {
        File.WriteAllText(folder.File("t.json"), """[" Albert Einstein?", "Q: Which of the"]""");
        using var json = JsonDocument.Parse(CliRun.Of("tokens", "--input", folder.File("t.json"), "--json", "-").Success());
        Assert.Equal([" Albert Einstein?", "Q: Which of the"], json.RootElement.EnumerateArray().Select(row => row.GetProperty("text").GetString()));
    }

    private static bool Run(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true });
        process!.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
