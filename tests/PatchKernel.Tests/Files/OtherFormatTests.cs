using System.Text;

namespace PatchKernel.Tests.Files;

/// <summary>What people have in place of a model's files: named for what it is, with what to do.</summary>
public sealed class OtherFormatTests : IDisposable
{
    private static readonly string Sharded = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");
    private static readonly string Tiny = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "llama3.2-tied-gqa-rope3");

    private static readonly Dictionary<string, byte[]> Contents = new()
    {
        ["Git LFS pointer"] = Encoding.UTF8.GetBytes($"version https://git-lfs.github.com/spec/v1\noid sha256:{new string('0', 64)}\nsize 269060280\n"),
        ["web page"] = "\r\n<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n"u8.ToArray(),
        ["web page "] = "<HTML><body>Sign in</body></HTML>"u8.ToArray(),
        ["XML answer"] = """<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>"""u8.ToArray(),
        ["zip archive"] = [.. "PK\x03\x04"u8, .. new byte[] { 0, 0, 8, 8 }, .. new byte[100]],
        ["pickle"] = [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19],
        ["HDF5 file"] = [0x89, .. "HDF\r\n\x1a\n"u8, .. new byte[100]],
        ["its download isn't finished"] = new byte[4096],
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Kinds { get; } = [.. Contents.Keys];

    private string Copy(string source)
    {
        var copy = folder.File(Path.GetFileName(source));
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(source).Where(file => !file.Contains("golden", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(copy, "tokenizer.json"), "{}");
        return copy;
    }

    private static void Says(string path, string kind, Action open)
    {
        var message = Assert.Throws<PatchKernelException>(open).Message;
        Assert.StartsWith($"'{path}' ", message, StringComparison.Ordinal);
        Assert.Contains(kind.TrimEnd(), message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Each_is_said_in_the_place_of_each_file_of_a_folder(string kind)
    {
        var copy = Copy(Sharded);
        foreach (var name in (string[])["config.json", "model.safetensors.index.json", "model-00002-of-00004.safetensors"])
        {
            var path = Path.Combine(copy, name);
            var good = File.ReadAllBytes(path);
            File.WriteAllBytes(path, Contents[kind]);
            Says(path, kind, () => Checkpoint.Open(copy));
            File.WriteAllBytes(path, good);
        }
        var tokenizer = Path.Combine(copy, "tokenizer.json");
        File.WriteAllBytes(tokenizer, Contents[kind]);
        Says(tokenizer, kind, () => Tokenizer.Load(tokenizer));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Each_is_said_in_the_place_of_a_single_file(string kind)
    {
        var copy = Copy(Tiny);
        foreach (var path in (string[])[Path.Combine(copy, "model.safetensors"), folder.File("model.gguf"), folder.File("sha256-00"), folder.File("model.zip")])
        {
            File.WriteAllBytes(path, Contents[kind]);
            Says(path, kind, () => Checkpoint.Open(path.StartsWith(copy, StringComparison.Ordinal) ? copy : path));
        }
    }

    [Fact]
    public void An_empty_file_is_said()
    {
        var copy = Copy(Tiny);
        foreach (var name in (string[])["config.json", "model.safetensors"])
        {
            var good = File.ReadAllBytes(Path.Combine(copy, name));
            File.WriteAllBytes(Path.Combine(copy, name), []);
            Says(Path.Combine(copy, name), "is empty", () => Checkpoint.Open(copy));
            File.WriteAllBytes(Path.Combine(copy, name), good);
        }
        File.WriteAllBytes(folder.File("x.gguf"), []);
        Says(folder.File("x.gguf"), "is empty", () => Checkpoint.Open(folder.File("x.gguf")));
    }

    [Fact]
    public void A_download_that_ended_early_is_said_whatever_the_format()
    {
        var copy = Copy(Tiny);
        var weights = File.ReadAllBytes(Path.Combine(copy, "model.safetensors"));
        foreach (var length in (int[])[weights.Length - 1, weights.Length / 2, 100])
        {
            File.WriteAllBytes(Path.Combine(copy, "model.safetensors"), weights[..length]);
            Assert.Contains("the file is cut off, get it again", Assert.Throws<PatchKernelException>(() => Checkpoint.Open(copy)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sha256-0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("model.bin")]
    [InlineData("model")]
    public void A_GGUF_file_opens_whatever_its_name_and_through_a_link(string name)
    {
        File.WriteAllBytes(folder.File(name), GgufBuilder.Llama().Build());
        File.CreateSymbolicLink(folder.File("link"), folder.File(name));
        foreach (var path in (string[])[folder.File(name), folder.File("link")])
        {
            using var model = LanguageModel.Load(path, device: "cpu");
            Assert.Equal(Path.GetFileName(path), model.Name);
            Assert.NotNull(model.Tokenizer);
        }
        Assert.StartsWith("small", CliRun.Of("model", "--plan", "--model", folder.File(name)).Success().Replace(name, "small", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_GGUF_file_in_a_folder_of_safetensors_is_said()
    {
        var copy = Copy(Tiny);
        File.WriteAllBytes(Path.Combine(copy, "model.safetensors"), GgufBuilder.Llama().Build());
        Says(Path.Combine(copy, "model.safetensors"), "is a GGUF file: give its own path as the model", () => Checkpoint.Open(copy));
    }
}
