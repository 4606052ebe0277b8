using System.Diagnostics;
using System.Net.Sockets;

namespace PatchKernel.Tests.Files;

/// <summary>Pipes, sockets and devices in the place of files: refused at once, where opening one would wait for its writer.</summary>
public sealed class IrregularFileTests : IDisposable
{
    // A machine may be busy; an open that waits for a writer still fails the test.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly List<Socket> sockets = [];

    public void Dispose()
    {
        foreach (var socket in sockets) socket.Dispose();
        folder.Dispose();
    }

    /// <summary>Puts something that isn't a file into a file's place.</summary>
    private void Put(string kind, string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes and devices that have paths");
        File.Delete(path);
        if (kind == "a device") File.CreateSymbolicLink(path, "/dev/zero");
        else if (kind == "a socket")
        {
            sockets.Add(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
            sockets[^1].Bind(new UnixDomainSocketEndPoint(path));
        }
        else
        {
            using var made = Process.Start("mkfifo", [path]);
            made.WaitForExit();
            Assert.Equal(0, made.ExitCode);
        }
    }

    private static async Task Refused(string kind, string path, Action open, string also = "")
    {
        var error = await Record.ExceptionAsync(() => Task.Run(open).WaitAsync(Patience));
        Assert.Equal($"'{path}' is {kind}, not a file: save it as a file, and give that{also}.", Assert.IsType<PatchKernelException>(error).Message);
    }

    [Theory, InlineData("a pipe"), InlineData("a socket"), InlineData("a device")]
    public async Task In_the_place_of_each_file_of_a_model(string kind)
    {
        var source = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");
        foreach (var name in (string[])["config.json", "model.safetensors.index.json", "model-00003-of-00004.safetensors", "tokenizer.json", "adapter_config.json"])
        {
            var model = folder.File($"of {name}");
            Directory.CreateDirectory(model);
            var path = Path.Combine(model, name);
            if (name != "adapter_config.json")
                foreach (var file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(model, Path.GetFileName(file)), overwrite: true);
            Put(kind, path);
            await Refused(kind, path, () =>
            {
                using var checkpoint = Checkpoint.Open(model);
                _ = checkpoint.Tokenizer;
            }, name == "tokenizer.json" ? "; give token ids instead of texts" : "");
            Directory.Delete(model, recursive: true);
        }
    }

    [Theory, InlineData("config.json"), InlineData("model.safetensors.index.json"), InlineData("model.safetensors"), InlineData("prompts.json")]
    public void A_folder_in_the_place_of_a_file(string name)
    {
        var model = folder.File($"folder of {name}");
        Directory.CreateDirectory(Path.Combine(model, name));
        foreach (var file in Directory.EnumerateFiles(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16")))
            if (Path.GetFileName(file) != name && !(name == "model.safetensors" && file.EndsWith("index.json", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        var path = Path.Combine(model, name);
        var error = Assert.Throws<PatchKernelException>(() => name == "prompts.json" ? (object)PromptBook.Load(path) : Checkpoint.Open(model));
        Assert.Equal($"'{path}' is a folder where a file belongs: put the file there, or give another one.", error.Message);
    }

    [Theory, InlineData("a pipe"), InlineData("a socket"), InlineData("a device")]
    public async Task In_the_place_of_a_single_file(string kind)
    {
        foreach (var name in (string[])["model.gguf", "model", "prompts.json", "result.json", "tokenizer.json", "config.json", "part-00002-of-00002.gguf"])
            Put(kind, folder.File(name));
        await Refused(kind, folder.File("model.gguf"), () => Checkpoint.Open(folder.File("model.gguf")));
        await Refused(kind, folder.File("model"), () => Checkpoint.Open(folder.File("model")));
        await Refused(kind, folder.File("prompts.json"), () => PromptBook.Load(folder.File("prompts.json")));
        await Refused(kind, folder.File("result.json"), () => SweepResult.Load(folder.File("result.json")));
        await Refused(kind, folder.File("tokenizer.json"), () => Tokenizer.Load(folder.File("tokenizer.json")));
        await Refused(kind, folder.File("config.json"), () => ModelSettings.Load(folder.File("config.json")));
        var first = GgufBuilder.Llama().Set("split.no", (ushort)0).Set("split.count", (ushort)2);
        File.WriteAllBytes(folder.File("part-00001-of-00002.gguf"), first.Build());
        await Refused(kind, folder.File("part-00002-of-00002.gguf"), () => Checkpoint.Open(folder.File("part-00001-of-00002.gguf")));
    }

    [Fact]
    public void Files_behind_links_are_read()
    {
        var source = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");
        foreach (var file in Directory.EnumerateFiles(source)) File.CreateSymbolicLink(folder.File(Path.GetFileName(file)), file);
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(4, checkpoint.Config.NLayers);
    }
}
