using PatchKernel.Hub;

namespace PatchKernel.Tests.Hub;

/// <summary>Connections that break, wrong bytes, and a hub that is busy: what came is kept, and what is wrong never shows.</summary>
public sealed class BrokenDownloadTests : HubTest
{
    private string Failure(HubSettings? settings = null) => Assert.ThrowsAny<PatchKernelException>(() => Find(settings)).Message;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Connections_that_are_cut_at_ten_places_a_file_are_taken_up_again(int seed, bool reset)
    {
        var random = new Random(seed);
        var cuts = hub.Files.ToDictionary(file => file.Key, file => new Queue<int>(
            Enumerable.Range(0, 10).Select(_ => random.Next(file.Value.Length)).Distinct().Order()));
        hub.Change = (request, answer) =>
        {
            if (answer.Status is not (200 or 206) || request.Target.StartsWith("/api/", StringComparison.Ordinal)) return answer;
            var waiting = cuts[Path.GetFileName(request.Target)];
            lock (waiting)
            {
                // Bytes may be lost when a connection is reset: then the next cut lies before the new start.
                while (waiting.TryDequeue(out var place))
                    if (place > request.From) return answer with { Cut = place - (int)request.From, Reset = reset };
            }
            return answer;
        };
        Find();
        cache.IsWhole(hub);
        if (!reset) Assert.All(hub.LargeFiles.Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal)), file =>
            Assert.True(hub.Requests.Count(request => request.Target == $"/{file}") >= 10));
    }

    [Fact]
    public void A_hub_that_knows_no_ranges_is_asked_for_all_of_it_again()
    {
        var cut = false;
        hub.Change = (request, answer) =>
        {
            if (request.Target != "/model-00001-of-00004.safetensors") return answer;
            if (!cut)
            {
                cut = true;
                return answer with { Cut = 1000 };
            }
            return new StandInAnswer(200, hub.Files["model-00001-of-00004.safetensors"]);
        };
        Find();
        cache.IsWhole(hub);
    }

    [Fact]
    public void Connections_that_always_break_at_the_same_place_end_the_download()
    {
        hub.Change = (request, answer) => request.Host == "files"
            ? new StandInAnswer(200, hub.Files[request.Target[1..]]) { Cut = 1000 }
            : answer;
        Assert.Contains("run again", Failure(), StringComparison.Ordinal);
        cache.ShowsNothingWrong(hub);
        Assert.InRange(hub.Requests.Count(request => request.Host == "files"), 1, 4 * (HubRetry.Retries + 2));
    }

    [Theory, InlineData(0), InlineData(1)]
    public void Tries_that_bring_next_to_nothing_are_counted_and_waited_between(int bytes)
    {
        const string Shard = "model-00001-of-00004.safetensors";
        hub.Change = (request, answer) => request.Target == $"/{Shard}" ? answer with { Cut = bytes } : answer;
        var clock = new InstantClock();
        Assert.Contains("run again", Failure(hub.Settings(folder.Path, clock: clock)), StringComparison.Ordinal);
        Assert.Equal(HubRetry.Retries + 1, hub.Requests.Count(request => request.Target == $"/{Shard}"));
        Assert.Equal(HubRetry.Retries, clock.Waits.Count);
    }

    [Fact]
    public void Tries_that_bring_a_part_each_are_waited_between_and_end_with_the_whole_file()
    {
        const string Shard = "model-00001-of-00004.safetensors";
        const int Bytes = 500;
        hub.Change = (request, answer) => request.Target == $"/{Shard}" ? answer with { Cut = Bytes } : answer;
        var clock = new InstantClock();
        Find(hub.Settings(folder.Path, clock: clock));
        cache.IsWhole(hub);
        var tries = (hub.Files[Shard].Length + Bytes - 1) / Bytes;
        Assert.Equal(tries, hub.Requests.Count(request => request.Target == $"/{Shard}"));
        Assert.Equal(tries - 1, clock.Waits.Count);
        Assert.All(clock.Waits, wait => Assert.True(wait > TimeSpan.Zero));
    }

    [Fact]
    public void A_connection_that_drips_counts_as_broken()
    {
        const string Shard = "model-00001-of-00004.safetensors";
        hub.Change = (request, answer) => request.Target == $"/{Shard}" && request.From == 0 ? answer with { Cut = 1, Drip = true } : answer;
        Find(new HubSettings { Endpoint = hub.Endpoint, CacheFolder = folder.Path, Clock = new InstantClock(), LongestSilence = TimeSpan.FromSeconds(1) });
        cache.IsWhole(hub);
        Assert.Equal(2, hub.Requests.Count(request => request.Target == $"/{Shard}"));
    }

    [Fact]
    public void Wrong_bytes_are_dropped_and_named()
    {
        const string Shard = "model-00003-of-00004.safetensors";
        hub.Change = (request, answer) => request.Target == $"/{Shard}"
            ? answer with { Body = [.. answer.Body[..^1], (byte)~answer.Body[^1]] }
            : answer;
        var message = Failure();
        Assert.Contains($"'{Shard}'", message, StringComparison.Ordinal);
        Assert.Contains(HubStandIn.Sha256(hub.Files[Shard]), message, StringComparison.Ordinal);
        Assert.DoesNotContain(Shard, cache.Visible);
        cache.ShowsNothingWrong(hub);
        Assert.Empty(Directory.GetFiles(cache.Blobs, $"{HubStandIn.Sha256(hub.Files[Shard])}*"));
        hub.Change = null;
        Find();
        cache.IsWhole(hub);
    }

    [Fact]
    public void Wrong_bytes_of_a_small_file_are_dropped_and_named()
    {
        hub.Change = (request, answer) => request.Target.EndsWith("/config.json", StringComparison.Ordinal)
            ? answer with { Body = [.. answer.Body[..^1], 0] }
            : answer;
        Assert.Contains("'config.json'", Failure(), StringComparison.Ordinal);
        Assert.DoesNotContain("config.json", cache.Visible);
    }

    [Fact]
    public void A_longer_file_than_the_hub_promised_is_dropped()
    {
        hub.Change = (request, answer) => request.Target == "/model-00002-of-00004.safetensors" ? answer with { Body = [.. answer.Body, 0] } : answer;
        Assert.Contains("'model-00002-of-00004.safetensors'", Failure(), StringComparison.Ordinal);
        cache.ShowsNothingWrong(hub);
    }

    [Fact]
    public void A_part_that_an_earlier_run_left_damaged_is_fetched_anew()
    {
        Find(need: HubNeed.Settings);
        var bytes = hub.Files["model-00002-of-00004.safetensors"];
        File.WriteAllBytes(Path.Combine(cache.Blobs, $"{HubStandIn.Sha256(bytes)}.incomplete"), new byte[1000]);
        Find();
        cache.IsWhole(hub);
        Assert.Equal([1000, 0], hub.Requests.Where(request => request.Target == "/model-00002-of-00004.safetensors").Select(request => request.From));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(500)]
    public void A_busy_hub_is_asked_again_later(int status)
    {
        var refused = new HashSet<string>();
        hub.Instead = request =>
        {
            lock (refused) return refused.Add($"{request.Host} {request.Target}") ? StandInAnswer.Text(status) : null;
        };
        var clock = new InstantClock();
        Find(hub.Settings(folder.Path, clock: clock));
        cache.IsWhole(hub);
        Assert.Equal(refused.Count, clock.Waits.Count);
    }

    [Fact]
    public void The_wait_that_the_hub_asks_for_is_kept()
    {
        var asked = 0;
        hub.Instead = _ => Interlocked.Increment(ref asked) == 1 ? StandInAnswer.Text(429, "", ("Retry-After", "7")) : null;
        var clock = new InstantClock();
        Find(hub.Settings(folder.Path, clock: clock));
        Assert.Equal([TimeSpan.FromSeconds(7)], clock.Waits);
    }

    [Fact]
    public void A_wait_that_is_too_long_is_an_error_at_once()
    {
        hub.Instead = _ => StandInAnswer.Text(429, "", ("Retry-After", "3600"));
        Assert.Contains("asks to wait 3600 seconds", Failure(), StringComparison.Ordinal);
        Assert.Single(hub.Requests);
    }

    [Fact]
    public void A_hub_that_stays_busy_is_given_up_after_a_few_tries()
    {
        hub.Instead = _ => StandInAnswer.Text(503);
        var clock = new InstantClock();
        Assert.Contains("answered 503", Failure(hub.Settings(folder.Path, clock: clock)), StringComparison.Ordinal);
        Assert.Equal(HubRetry.Retries + 1, hub.Requests.Count);
        Assert.Equal(HubRetry.Retries, clock.Waits.Count);
    }

    [Fact]
    public void A_hub_that_goes_silent_is_asked_again()
    {
        var asked = 0;
        hub.Change = (_, answer) => Interlocked.Increment(ref asked) == 1 ? answer with { Cut = 5, Hold = () => Task.Delay(Timeout.Infinite) } : answer;
        Find(new HubSettings { Endpoint = hub.Endpoint, CacheFolder = folder.Path, Clock = new InstantClock(), LongestSilence = TimeSpan.FromSeconds(1) });
        cache.IsWhole(hub);
    }

    [Fact]
    public void A_link_that_has_expired_is_asked_for_anew()
    {
        var refused = new HashSet<string>();
        hub.Instead = request =>
        {
            lock (refused) return request.Host == "files" && refused.Add(request.Target) ? StandInAnswer.Text(403, "Request has expired") : null;
        };
        Find();
        cache.IsWhole(hub);
        Assert.All(hub.LargeFiles.Where(cache.Visible.Contains), file =>
            Assert.Equal(2, hub.Requests.Count(request => request.Target == $"/{HubStandIn.Repository}/resolve/{HubStandIn.Commit}/{file}")));
    }
}
