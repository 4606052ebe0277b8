using CsCheck;
using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Models.Devices;

/// <summary>Where parts go on machines that nobody here has.</summary>
public sealed class DevicePlannerTests
{
    // Ten layers of 100 bytes between an embedding of 50 and an unembedding of 60.
    private static readonly ModelParts Parts = new(Embedding: 50, Layer: 100, Layers: 10, Head: 60);

    [Fact]
    public void A_model_that_fits_the_first_gpu_is_on_it_alone() =>
        Assert.Equal("0-11: cuda:0", Fill(Parts, [1110, 5000], 5000));

    [Fact]
    public void Gpus_are_filled_in_order() =>
        Assert.Equal("0-5: cuda:0, 6-11: cuda:1", Fill(Parts, [560, 2000], 0));

    [Fact]
    public void What_no_gpu_holds_rests_in_memory_and_passes_through_the_last_gpu() =>
        // 750 less two layers that pass: the embedding and five layers stay.
        Assert.Equal("0-5: cuda:0, 6-11: memory, computed on cuda:0", Fill(Parts, [750], 5000));

    [Fact]
    public void What_memory_does_not_hold_stays_on_disk() =>
        // The unembedding is small enough for what is left of the memory.
        Assert.Equal("0-5: cuda:0, 6-7: memory, computed on cuda:0, 8-10: disk, computed on cuda:0, 11: memory, computed on cuda:0", Fill(Parts, [750], 280));

    [Fact]
    public void A_gpu_too_small_for_two_layers_to_pass_is_left_out()
    {
        Assert.Equal("0-5: cuda:0, 6-11: memory, computed on cuda:0", Fill(Parts, [750, 150], 5000));
        Assert.Equal("0-11: cpu", Fill(Parts, [150], 5000));
    }

    [Fact]
    public void Without_a_gpu_the_cpu_holds_what_it_can_and_reads_the_rest() =>
        Assert.Equal("0-5: cpu, 6-11: disk, computed on cpu", Fill(Parts, [], 750));

    [Fact]
    public void A_machine_with_no_room_reads_everything() => Assert.Equal("0-11: disk, computed on cpu", Fill(Parts, [], 100));

    [Fact]
    public void An_embedding_too_large_for_the_first_gpu_rests_and_keeps_no_layer_from_it() =>
        Assert.Equal("0: memory, computed on cuda:0, 1-4: cuda:0, 5-11: cuda:1", Fill(Parts with { Embedding = 600 }, [400, 2000], 5000));

    [Fact]
    public void A_tied_embedding_lies_with_the_unembedding() =>
        Assert.Equal("0: cuda:1, 1-5: cuda:0, 6-11: cuda:1", Fill(Parts with { Embedding = 0 }, [560, 2000], 0));

    [Fact]
    public void The_tutorials_large_model_fits_two_gpus_of_94_gb_and_not_one()
    {
        var parts = ModelParts.Of(
            RandomModel.Config with { NLayers = 80, NHeads = 64, NKeyValueHeads = 8, DModel = 8192, DHead = 128, DMlp = 28672, DVocab = 128256 },
            torch.ScalarType.BFloat16);
        var (cuda0, cuda1) = (new torch.Device(DeviceType.CUDA, 0), new torch.Device(DeviceType.CUDA, 1));
        Assert.Equal(
            """
            model.embed_tokens    2.10 GB  cuda:0
            model.layers.0-41    71.87 GB  cuda:0
            model.layers.42-79   65.03 GB  cuda:1
            model.norm, lm_head   2.10 GB  cuda:1
            """,
            DevicePlanner.Fill(parts, [(cuda0, 94_000_000_000), (cuda1, 94_000_000_000)], 0).ToString());
        // README has this one.
        Assert.Equal(
            """
            model.embed_tokens    2.10 GB  cuda:0
            model.layers.0-39    68.45 GB  cuda:0
            model.layers.40-68   49.63 GB  memory, computed on cuda:0
            model.layers.69-79   18.82 GB  disk, computed on cuda:0
            model.norm, lm_head   2.10 GB  disk, computed on cuda:0
            """,
            DevicePlanner.Fill(parts, [(cuda0, 94_000_000_000)], 64_000_000_000).ToString());
    }

    [Fact]
    public void No_device_gets_more_than_its_share_and_nothing_stays_out_that_has_room() =>
        Gen.Select(Gen.Long[0, 500], Gen.Long[1, 300], Gen.Int[1, 40], Gen.Long[1, 500], Gen.Long[0, 5000].Array[0, 4], Gen.Long[0, 10000]).Sample(
            (embedding, layer, layers, head, gpus, memory) =>
        {
            var parts = new ModelParts(embedding, layer, layers, head);
            var devices = gpus.Select((free, index) => (new torch.Device(DeviceType.CUDA, index), free)).ToList();
            var placed = DevicePlanner.Fill(parts, devices, memory).Parts;
            Assert.Equal(parts.All, placed.Select(part => (part.Module, part.Bytes)));

            var used = placed.Where(part => part.Home != WeightHome.Disk)
                .GroupBy(part => part.Home == WeightHome.Memory ? -1 : part.RunsOn.index)
                .ToDictionary(home => home.Key, home => home.Sum(part => part.Bytes));
            foreach (var (device, bytes) in used) Assert.InRange(bytes, 0, 0.8 * (device < 0 ? memory : gpus[device]));

            // Activations never go back to a device that they left.
            var path = placed.Skip(1).Select(part => part.RunsOn.index).ToList();
            Assert.Equal(path.Order(), path);

            if (parts.All.Sum(part => part.Bytes) <= 0.8 * gpus.Append(memory).First()) Assert.All(placed, part => Assert.Equal(WeightHome.Device, part.Home));
            if (placed.FirstOrDefault(part => part.Home == WeightHome.Disk && part.Bytes > 0) is { } left && placed[0].RunsOn.type == DeviceType.CUDA)
                Assert.True(used.GetValueOrDefault(-1) + left.Bytes > 0.8 * memory);
        });

    private static string Fill(ModelParts parts, long[] gpus, long memory)
    {
        // Rooms of the test are what weights may take.
        long Free(long room) => (long)Math.Ceiling(room / DevicePlanner.WeightShare);
        var map = DevicePlanner.Fill(parts, [.. gpus.Select((room, index) => (new torch.Device(DeviceType.CUDA, index), Free(room)))], Free(memory));
        return string.Join(", ", Places(map).Index().GroupBy(part => (part.Item, Run: part.Index - Places(map).Index().Count(other => other.Index < part.Index && other.Item == part.Item)))
            .Select(run => $"{string.Join('-', new[] { run.First().Index, run.Last().Index }.Distinct())}: {run.Key.Item}"));
    }

    private static IEnumerable<string> Places(DeviceMap map) => map.Parts.Select(part => part.Place);
}
