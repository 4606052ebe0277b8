using System.Formats.Tar;
using System.IO.Compression;
using PatchKernel.Hub;
using PatchKernel.Models;

namespace PatchKernel.Tests.Hub;

/// <summary>The cache is Python's: what it laid out opens here, and what is laid out here looks the same.</summary>
public sealed class HubCacheTests : HubTest
{
    private static string Model(string cache) => Path.Combine(cache, "models--patchkernel--tiny-sharded");

    private string UnpackPythons()
    {
        using var packed = new GZipStream(File.OpenRead(TestData.Golden("oracle", "hub", "cache.tar.gz")), CompressionMode.Decompress);
        TarFile.ExtractToDirectory(packed, folder.Path, overwriteFiles: false);
        return folder.File("hub");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_Python_downloaded_opens_without_a_request_and_gives_its_numbers(bool offline)
    {
        var cache = UnpackPythons();
        var before = CacheView.Listing(cache).ToList();
        var place = ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, hub.Settings(cache, offline: offline));
        using var model = LanguageModel.Load(Checkpoint.OpenAt(place), device: "cpu");
        var golden = new GoldenArrays(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16", "golden.safetensors"));
        using var logits = model.Forward(golden.Ids("clean_ids"));
        Near.Equal(golden.Floats("clean.logits"), logits.ToFloats(), 1e-4f, "logits"); // as for the same files in a folder
        Assert.Equal(HubStandIn.Repository, model.Name);
        Assert.Empty(hub.Requests);
        Assert.Equal(before, CacheView.Listing(cache));
    }

    [Fact]
    public void What_is_downloaded_is_laid_out_as_Python_does()
    {
        var pythons = UnpackPythons();
        hub.Files.Remove("pytorch_model.bin"); // Python's stand-in had none
        var ours = folder.File("ours");
        ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, hub.Settings(ours));
        // Python was also asked for a tokenizer there, and took down that there is none.
        var expected = CacheView.Listing(pythons).Where(entry => !entry.Contains(".no_exist", StringComparison.Ordinal));
        Assert.Equal(expected, CacheView.Listing(ours));
    }

    [Fact]
    public void No_request_is_made_that_Python_doesnt_make()
    {
        var recorded = File.ReadLines(TestData.Golden("oracle", "hub", "requests.txt")).Select(line => line.Trim().Split(' ')).Where(words => words.Length > 3)
            .Select(words => string.Join(' ', words[..3])).ToHashSet();
        ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, hub.Settings(folder.Path));
        var ours = hub.Requests.Where(request => !request.Target.Contains("&cursor=", StringComparison.Ordinal)) // the record's list has one page
            .Where(request => request.Host == "files" || !request.Target.Contains("/model-", StringComparison.Ordinal)); // Python asks for these by HEAD
        Assert.All(ours, request => Assert.Contains($"{request.Host} {request.Method} {request.Target}", recorded));
    }

    [Fact]
    public void A_snapshot_that_lacks_a_file_is_completed()
    {
        var settings = hub.Settings(folder.Path);
        var snapshot = ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings).Folder;
        File.Delete(Path.Combine(snapshot, "model-00002-of-00004.safetensors")); // the blob stays
        hub.Requests.Clear();
        ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings);
        Assert.Equal([$"/api/models/{HubStandIn.Repository}/revision/main"], hub.Requests.Select(request => request.Target));
        new CacheView(folder.Path).IsWhole(hub);
    }

    [Fact]
    public void A_link_to_nothing_counts_as_missing()
    {
        var settings = hub.Settings(folder.Path);
        var snapshot = ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings).Folder;
        File.Delete(Path.Combine(Model(folder.Path), "blobs", HubStandIn.GitHash(hub.Files["config.json"])));
        ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings);
        new CacheView(folder.Path).IsWhole(hub);
        Assert.NotNull(new FileInfo(Path.Combine(snapshot, "config.json")).LinkTarget);
    }

    [Fact]
    public void Without_links_the_snapshot_has_the_files_themselves()
    {
        var settings = hub.Settings(folder.Path, links: false);
        var snapshot = ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings).Folder;
        var view = new CacheView(folder.Path);
        view.IsWhole(hub);
        Assert.All(Directory.GetFiles(snapshot), file => Assert.Null(new FileInfo(file).LinkTarget));
        Assert.Empty(Directory.GetFiles(view.Blobs)); // moved, as Python does, not kept twice
        hub.Requests.Clear();
        ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings);
        Assert.Empty(hub.Requests);
    }

    [Fact]
    public void Without_links_a_blob_that_another_snapshot_may_use_is_copied()
    {
        var snapshot = ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, hub.Settings(folder.Path)).Folder;
        File.Delete(Path.Combine(snapshot, "config.json"));
        ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, hub.Settings(folder.Path, links: false));
        var view = new CacheView(folder.Path);
        view.IsWhole(hub);
        Assert.Null(new FileInfo(Path.Combine(snapshot, "config.json")).LinkTarget);
        Assert.True(File.Exists(Path.Combine(view.Blobs, HubStandIn.GitHash(hub.Files["config.json"]))));
    }

    [Fact]
    public void A_commit_by_name_needs_no_ref()
    {
        ModelPlace.Find($"{HubStandIn.Repository}@{HubStandIn.Commit}", HubNeed.Weights, hub.Settings(folder.Path));
        Assert.Empty(Directory.GetFiles(Path.Combine(Model(folder.Path), "refs")));
        Assert.DoesNotContain(hub.Requests, request => request.Target.Contains("/revision/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_of_files_that_is_broken_is_asked_for_again()
    {
        var settings = hub.Settings(folder.Path);
        ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings);
        var tree = Path.Combine(Model(folder.Path), "trees", $"{HubStandIn.Commit}.json");
        var whole = File.ReadAllBytes(tree);
        string[] all =
        [
            "", "[]", "{}", """{"format_version": 1}""", """{"format_version": 1, "files": 3}""", """{"format_version": 2, "files": {}}""",
            """{"format_version": 1, "files": {"config.json": {"size": 3, "blob_id": "../x"}}}""",
        ];
        foreach (var broken in all)
        {
            File.WriteAllText(tree, broken);
            ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings);
            Assert.Equal(whole, File.ReadAllBytes(tree));
        }
    }
}
