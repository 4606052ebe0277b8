using System.Text;
using System.Text.RegularExpressions;
using PatchKernel.Hub;
using PatchKernel.Tests.Hub;

namespace PatchKernel.Tests.Hostile;

/// <summary>A hub that lists, names and sizes files as no hub does: one clear sentence or the right model, and nothing outside the cache.</summary>
public sealed class HostileHubTests : IDisposable
{
    private const string Shard = "model-00002-of-00004.safetensors";
    private const string Index = "model.safetensors.index.json";

    private readonly TemporaryFolder parent = new();
    private readonly HubStandIn hub = new();

    public HostileHubTests() => File.WriteAllText(parent.File("outside.safetensors"), "untouched");

    public void Dispose()
    {
        hub.Dispose();
        parent.Dispose();
    }

    private string Cache => parent.File("cache");

    private string Find() => ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, hub.Settings(Cache)).Folder;

    private void CheckOutside()
    {
        Assert.All(Directory.GetFileSystemEntries(parent.Path), path => Assert.Contains(Path.GetFileName(path), (string[])["cache", "outside.safetensors"]));
        Assert.Equal("untouched", File.ReadAllText(parent.File("outside.safetensors")));
    }

    public static TheoryData<string> Outside { get; } =
    [
        "../outside.safetensors", "../../../../outside.safetensors", "../../../../new.safetensors", "../../blobs/x.safetensors", "x/../../../../../outside.safetensors", "sub/x.safetensors",
        "..\\..\\outside.safetensors", "/outside.safetensors", "C:x.safetensors", "x.safetensors:stream", "x\0.safetensors", "..", "CON.safetensors", "lpt1.a.safetensors",
    ];

    [Theory]
    [MemberData(nameof(Outside))]
    public void A_shard_whose_name_leads_elsewhere_is_refused_though_the_hub_has_it(string name)
    {
        hub.Files[name] = hub.Files[Shard];
        var index = Encoding.UTF8.GetString(hub.Files[Index]);
        hub.Files[Index] = Encoding.UTF8.GetBytes(index.Replace($"\"{Shard}\"", System.Text.Json.JsonSerializer.Serialize(name), StringComparison.Ordinal));
        Assert.Contains("isn't the name of a .safetensors file in the same folder", Assert.Throws<PatchKernelException>(Find).Message, StringComparison.Ordinal);
        CheckOutside();
    }

    [Theory]
    [MemberData(nameof(Outside))]
    public void A_file_that_is_listed_elsewhere_is_not_fetched(string name)
    {
        hub.Files[name] = "bad"u8.ToArray();
        using var checkpoint = Checkpoint.Open(Find());
        Assert.Equal(4, checkpoint.Config.NLayers);
        Assert.DoesNotContain(hub.Requests, request => Uri.UnescapeDataString(request.Target).EndsWith($"/{name}", StringComparison.Ordinal));
        CheckOutside();
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("4611686018427387904")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999999999")]
    public void Sizes_that_no_file_has_are_refused(string size)
    {
        hub.Change = (request, answer) => request.Target.Contains("/tree/", StringComparison.Ordinal)
            ? answer with { Body = Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(answer.Body), "(?<=\"size\":)[0-9]+", size)) }
            : answer;
        Assert.Contains("a strange answer", Assert.Throws<PatchKernelException>(Find).Message, StringComparison.Ordinal);
        CheckOutside();
    }
}
