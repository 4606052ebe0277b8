using System.Text.Json;
using PatchKernel.Safetensors;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back_the_same()
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["a \"quoted\" é"] = randn(3, 4),
            ["half"] = randn(5).to(ScalarType.Float16),
            ["brain"] = randn(2, 3).to(ScalarType.BFloat16).t(), // not contiguous
            ["ids"] = tensor([1L, -2L]),
            ["none"] = zeros(0, 3),
            ["one"] = tensor(2.5f),
        };
        var path = folder.File("written.safetensors");
        SafetensorsWriter.Write(path, tensors);

        using var file = SafetensorsFile.Open(path);
        Assert.Equal(tensors.Keys.Order(), file.Tensors.Keys.Order());
        foreach (var (name, tensor) in tensors)
        {
            var read = file.Read(name);
            Assert.Equal((tensor.dtype, string.Join(',', tensor.shape)), (read.dtype, string.Join(',', read.shape)));
            if (tensor.numel() > 0) Assert.Equal(tensor.contiguous().bytes.ToArray(), read.bytes.ToArray());
        }
    }

    [Fact]
    public void The_layout_is_the_reference_implementations()
    {
        using var scope = NewDisposeScope();
        var path = folder.File("written.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["b"] = ones(1), ["c"] = ones(1).to(ScalarType.Float16), ["a"] = ones(3) });

        var bytes = File.ReadAllBytes(path);
        var length = BitConverter.ToInt32(bytes);
        Assert.Equal(0, length % 8);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        Assert.Equal(["__metadata__", "a", "b", "c"], header.RootElement.EnumerateObject().Select(entry => entry.Name));
        Assert.Equal("pt", header.RootElement.GetProperty("__metadata__").GetProperty("format").GetString());
        Assert.Equal(8 + length + 12 + 4 + 2, bytes.Length);
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_and_nothing_else_stays()
    {
        var path = folder.File("written.safetensors");
        File.WriteAllText(path, "something else, and longer than what comes");
        using var one = ones(1);
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["x"] = one });
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_dtype_that_is_not_written_is_refused_and_leaves_no_file()
    {
        using var flags = ones(2, ScalarType.Bool);
        var error = Assert.Throws<PatchKernelException>(() => SafetensorsWriter.Write(folder.File("x"), new Dictionary<string, Tensor> { ["flags"] = flags }));
        Assert.Contains("'flags' is Bool", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused()
    {
        using var one = ones(1);
        var path = folder.File("no/such/folder/x");
        var error = Assert.Throws<PatchKernelException>(() => SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["x"] = one }));
        Assert.Contains($"Cannot write '{path}'", error.Message, StringComparison.Ordinal);
    }
}
