using System.Text.Json;
using PatchKernel.Models;
using PatchKernel.Safetensors;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Hostile;

/// <summary>A model as a user opens it, after a forward pass over a few tokens.</summary>
internal sealed record OpenedModel(ModelConfig Config, int[] LogitBits)
{
    private static readonly int[] Ids = [1, 2, 3];

    /// <summary>Opens a folder or a file and reads every weight; logits are numbers, or refused where weights aren't numbers or are huge.</summary>
    public static OpenedModel Open(string path)
    {
        using var model = LanguageModel.Load(path, device: "cpu");
        var logits = Logits(model, path);
        Assert.Equal(model.Config.DVocab, logits.Length);
        Assert.True(logits.All(float.IsFinite), "The logits aren't numbers, and nobody said so.");
        return new(model.Config, [.. logits.Select(BitConverter.SingleToInt32Bits)]);
    }

    /// <summary>Passes where the model is this one, or has other constants than this one's.</summary>
    public void CheckSame(OpenedModel other)
    {
        if (Config with { MaxPositions = other.Config.MaxPositions } == other.Config) Assert.Equal(LogitBits, other.LogitBits);
    }

    /// <summary>Passes where every weight has the bytes of the place that the file's header gives it.</summary>
    public static void CheckBytes(string folder, byte[] file)
    {
        var headerBytes = BitConverter.ToInt32(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, headerBytes));
        using var checkpoint = Checkpoint.Open(folder);
        foreach (var weight in WeightLayout.All(checkpoint.Config))
        {
            var entry = header.RootElement.GetProperty(weight.Key);
            var (begin, end) = (entry.GetProperty("data_offsets")[0].GetInt32(), entry.GetProperty("data_offsets")[1].GetInt32());
            var dtype = SafetensorsDtype.Of(entry.GetProperty("dtype").GetString()!)!.Scalar!.Value;
            using var tensor = checkpoint.Read(weight, dtype, CPU);
            Assert.True(file.AsSpan(8 + headerBytes + begin, end - begin).SequenceEqual(tensor.bytes), weight.Key);
        }
    }

    private static float[] Logits(LanguageModel model, string path)
    {
        try
        {
            return model.NextTokenLogits(Ids);
        }
        catch (PatchKernelException e)
        {
            Assert.False(HasPlainWeights(path), $"The weights are plain numbers: {e.Message}");
            throw new PatchKernelException($"'{path}': {e.Message}", e); // a model knows its name, and not where it came from
        }
    }

    private static bool HasPlainWeights(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        return WeightLayout.All(checkpoint.Config).All(weight =>
        {
            using var scope = NewDisposeScope();
            return checkpoint.Read(weight, ScalarType.Float32, CPU).abs().max().item<float>() < 1e4f;
        });
    }
}
