using PatchKernel.Hub;

namespace PatchKernel.Tests.Hub;

/// <summary>What a download brings, whom it asks for it, and what it leaves behind.</summary>
public sealed class DownloadTests : HubTest
{
    [Fact]
    public void A_sharded_checkpoint_comes_whole_without_pickles()
    {
        Assert.Equal(cache.Snapshot, Find());
        cache.IsWhole(hub);
        using var checkpoint = Checkpoint.OpenAt(ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, hub.Settings(folder.Path)));
        Assert.Equal(HubStandIn.Repository, checkpoint.Name);
    }

    [Fact]
    public void The_second_time_the_hub_is_asked_for_nothing()
    {
        Find();
        hub.Requests.Clear();
        Find();
        Assert.Empty(hub.Requests);
    }

    [Fact]
    public void The_token_goes_to_the_hub_alone()
    {
        Find();
        Assert.All(hub.Requests, request => Assert.Equal(request.Host == "hub" ? "Bearer hf_secret" : null, request.Authorization));
        Assert.Equal(hub.LargeFiles.Count() - 1, hub.Requests.Count(request => request.Host == "files"));
    }

    [Fact]
    public void Without_a_token_none_is_sent()
    {
        Find(hub.Settings(folder.Path, token: null));
        Assert.All(hub.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public void Only_the_small_files_come_where_weights_arent_needed()
    {
        Find(need: HubNeed.Settings);
        Assert.Equal(["config.json", "model.safetensors.index.json"], cache.Visible);
        hub.Requests.Clear();
        Find();
        cache.IsWhole(hub);
        Assert.DoesNotContain(hub.Requests, request => request.Target.EndsWith("config.json", StringComparison.Ordinal));
        Assert.DoesNotContain(hub.Requests, request => request.Target.Contains("/tree/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_files_that_say_something_of_the_tokenizer_come_with_it()
    {
        string[] small = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json"];
        foreach (var name in small) hub.Files[name] = "{}"u8.ToArray();
        Find(need: HubNeed.Settings);
        Assert.Equal([.. small.Append("config.json").Append("model.safetensors.index.json").Order(StringComparer.Ordinal)], cache.Visible);
    }

    [Fact]
    public void One_file_of_weights_is_taken_before_shards()
    {
        hub.Files["model.safetensors"] = hub.Files["model-00001-of-00004.safetensors"];
        Find();
        Assert.Equal(["config.json", "model.safetensors"], cache.Visible);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_link_in_a_part_s_place_is_not_followed(bool there)
    {
        Find(need: HubNeed.Settings);
        var outside = folder.File("outside");
        if (there) File.WriteAllText(outside, "untouched");
        var part = Path.Combine(cache.Blobs, $"{HubStandIn.Sha256(hub.Files["model-00001-of-00004.safetensors"])}.incomplete");
        File.CreateSymbolicLink(part, outside);
        Find();
        cache.IsWhole(hub);
        Assert.Equal(there ? "untouched" : null, File.Exists(outside) ? File.ReadAllText(outside) : null);
    }

    [Fact]
    public async Task A_file_that_somebody_else_is_fetching_is_waited_for()
    {
        const string Shard = "model-00001-of-00004.safetensors";
        Find(need: HubNeed.Settings);
        var sha = HubStandIn.Sha256(hub.Files[Shard]);
        var held = await FileLock.Take(folder.File($".locks/models--patchkernel--tiny-sharded/{sha}.lock"), CancellationToken.None);
        var finding = Task.Run(() => ModelHub.Find(Name, HubNeed.Weights, hub.Settings(folder.Path)));
        while (cache.Visible.Count < 5) Assert.False(finding.IsCompleted); // all but that one
        File.WriteAllBytes(Path.Combine(cache.Blobs, sha), hub.Files[Shard]);
        held.Dispose();
        await finding;
        cache.IsWhole(hub);
        Assert.DoesNotContain(hub.Requests, request => request.Target.EndsWith(Shard, StringComparison.Ordinal));
    }

    [Fact]
    public void A_renamed_model_is_followed_with_the_token()
    {
        hub.Instead = request => request.Target.Contains("/old/name", StringComparison.Ordinal)
            ? StandInAnswer.Text(307, "", ("Location", request.Target.Replace("/old/name", $"/{HubStandIn.Repository}", StringComparison.Ordinal)))
            : null;
        var snapshot = ModelHub.Find(HubName.Parse("old/name")!, HubNeed.Weights, hub.Settings(folder.Path));
        Assert.Equal(Path.Combine(folder.Path, "models--old--name", "snapshots", HubStandIn.Commit), snapshot);
        Assert.All(hub.Requests.Where(request => request.Host == "hub"), request => Assert.Equal("Bearer hf_secret", request.Authorization));
    }

    [Fact]
    public void Redirects_without_end_are_refused()
    {
        hub.Instead = request => StandInAnswer.Text(302, "", ("Location", request.Target));
        Assert.Contains("redirected without end", Assert.ThrowsAny<PatchKernelException>(() => Find()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_ends_with_every_byte_of_every_file()
    {
        var reports = new Reports();
        ModelHub.Find(Name, HubNeed.Weights, hub.Settings(folder.Path), reports);
        var last = reports.All[^1];
        Assert.Equal(HubStandIn.Repository, last.Model);
        Assert.Equal(cache.Visible, last.Files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.All(last.Files, file => Assert.Equal((hub.Files[file.Name].Length, hub.Files[file.Name].Length), (file.Bytes, file.Total)));
        Assert.Equal((last.Files.Sum(file => file.Total), last.Total), (last.Bytes, last.Files.Sum(file => file.Total)));
        Assert.All(reports.All, report => Assert.InRange(report.Bytes, 0, report.Total));
    }

    [Fact]
    public void A_cancelled_download_keeps_what_came()
    {
        using var cancel = new CancellationTokenSource();
        hub.Change = (request, answer) => request.Target == "/model-00001-of-00004.safetensors"
            ? answer with { Cut = 3000, Hold = () => Task.Delay(Timeout.Infinite) }
            : answer;
        var part = Path.Combine(cache.Blobs, $"{HubStandIn.Sha256(hub.Files["model-00001-of-00004.safetensors"])}.incomplete");
        var reports = new Reports { Each = report => { if (File.Exists(part) && new FileInfo(part).Length == 3000) cancel.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => ModelHub.Find(Name, HubNeed.Weights, hub.Settings(folder.Path), reports, cancel: cancel.Token));
        cache.ShowsNothingWrong(hub);
        hub.Requests.Clear();
        hub.Change = null;
        Find();
        cache.IsWhole(hub);
        Assert.Equal([3000], hub.Requests.Where(request => request.Target == "/model-00001-of-00004.safetensors").Select(request => request.From));
    }
}
