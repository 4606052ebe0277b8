using System.Text.Json;
using System.Text.Json.Nodes;
using PatchKernel.Units;

namespace PatchKernel.Tests.Experiments.Units;

/// <summary>Claims on units: one owner at a time, whoever dies, without a lock of the file system.</summary>
public sealed class UnitClaimTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ManualClock clock = new();
    private readonly HashSet<int> done = [];

    public void Dispose() => folder.Dispose();

    private UnitClaims Claims() => new(folder.Path, done.Contains, clock);

    private string[] Files => [.. Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>A claim of a process that isn't this one.</summary>
    private void Claimed(int number, Action<JsonObject> change)
    {
        var owner = JsonNode.Parse(ClaimOwner.Self.ToJson())!.AsObject();
        change(owner);
        File.WriteAllText(folder.File($"000003.{number}"), owner.ToJsonString());
    }

    [Fact]
    public void Of_many_threads_one_has_a_unit()
    {
        for (var unit = 0; unit < 20; unit++)
        {
            using var start = new Barrier(8);
            var claims = new UnitClaim?[8];
            var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                var own = Claims();
                start.SignalAndWait();
                claims[i] = own.Try(unit);
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            using var claim = Assert.Single(claims, claim => claim is not null)!;
            Assert.True(claim.IsHeld);
        }
    }

    [Fact]
    public void A_unit_that_is_given_back_is_free_at_once_and_one_that_is_done_for_nobody()
    {
        var first = Claims().Try(3)!;
        Assert.Null(Claims().Try(3));
        Assert.True(Claims().IsClaimed(3));
        first.Dispose();
        Assert.False(Claims().IsClaimed(3));
        using (var second = Claims().Try(3)!)
        {
            Assert.True(second.IsHeld);
            Assert.False(first.IsHeld);
            Assert.Null(Claims().Try(3));
            first.Dispose(); // again
            first.Renew(); // a beat that was late
            Assert.Null(Claims().Try(3));
            done.Add(3);
        }
        Assert.Null(Claims().Try(3));
        done.Clear(); // a network file system may show that late
        Assert.Null(Claims().Try(3));
    }

    [Fact]
    public void A_dead_process_of_this_machine_frees_its_unit_at_once()
    {
        Claimed(1, owner => owner["started"] = "1"); // its number has been given to another one since
        Assert.False(Claims().IsClaimed(3));
        using (var claim = Claims().Try(3)!) Assert.True(claim.IsHeld);
        Claimed(3, owner => owner["process"] = int.MaxValue); // there is none
        Assert.NotNull(Claims().Try(3));
        Assert.Contains("000003.4", Files);
    }

    [Fact]
    public void On_another_machine_only_a_beat_that_stands_still_says_so()
    {
        var claims = Claims();
        Claimed(1, owner => owner["machine"] = "elsewhere");
        for (var beat = 1; beat < 5; beat++)
        {
            Assert.Null(claims.Try(3));
            clock.Now += UnitClaims.Patience;
            Assert.Null(claims.Try(3)); // a moment too early
            Claimed(1, owner => (owner["machine"], owner["beat"]) = ("elsewhere", beat));
        }
        Assert.Null(claims.Try(3));
        Assert.True(claims.IsClaimed(3));
        clock.Now += UnitClaims.Patience + TimeSpan.FromSeconds(1);
        Assert.Null(Claims().Try(3)); // who comes now has to look on for as long
        using var claim = claims.Try(3)!;
        Assert.True(claim.IsHeld);
        Assert.Equal(["000003.1", "000003.2"], Files);
    }

    [Fact]
    public void A_claim_that_was_never_finished_counts_as_one_whose_beat_stands_still()
    {
        File.WriteAllText(folder.File("000003.1"), "");
        var claims = Claims();
        Assert.Null(claims.Try(3));
        clock.Now += UnitClaims.Patience + TimeSpan.FromSeconds(1);
        using var claim = claims.Try(3);
        Assert.NotNull(claim);
    }

    [Fact]
    public void An_owner_that_was_thought_dead_loses_its_claim_and_touches_nothing_of_the_next_one_s()
    {
        var sleeper = Claims().Try(3)!;
        var claims = Claims();
        Assert.Null(claims.Try(3));
        clock.Now += UnitClaims.Patience + TimeSpan.FromSeconds(1);
        using var next = claims.Try(3)!;
        Assert.False(sleeper.IsHeld);
        Assert.True(next.IsHeld);
        var before = File.ReadAllText(folder.File("000003.1"));
        sleeper.Renew();
        Assert.Equal(before, File.ReadAllText(folder.File("000003.1")));
        sleeper.Dispose();
        Assert.True(next.IsHeld);
        Assert.Null(Claims().Try(3));
    }

    [Fact]
    public void The_beat_goes_up()
    {
        using var claim = Claims().Try(3)!;
        var claims = Claims();
        for (var beat = 1; beat < 4; beat++)
        {
            Assert.Null(claims.Try(3));
            claim.Renew();
            Assert.Equal(beat, JsonSerializer.Deserialize<JsonObject>(File.ReadAllText(folder.File("000003.1")))!["beat"]!.GetValue<int>());
            clock.Now += UnitClaims.Patience + TimeSpan.FromSeconds(1);
        }
        Assert.Null(claims.Try(3));
    }

    [Fact]
    public void Of_several_that_wait_for_a_dead_owner_one_has_the_unit()
    {
        Claimed(1, owner => owner["machine"] = "elsewhere");
        var claims = Enumerable.Range(0, 8).Select(_ => Claims()).ToArray();
        Assert.All(claims, each => Assert.Null(each.Try(3)));
        clock.Now += UnitClaims.Patience + TimeSpan.FromSeconds(1);
        using var start = new Barrier(claims.Length);
        var got = new UnitClaim?[claims.Length];
        var threads = claims.Select((each, i) => new Thread(() =>
        {
            start.SignalAndWait();
            got[i] = each.Try(3);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Single(got, claim => claim is not null);
    }

    [Fact]
    public void A_disk_without_space_is_said_and_leaves_no_claim()
    {
        using var disk = new SmallDisk(folder.File("disk"), "16k");
        disk.Fill();
        var refusal = Assert.Throws<PatchKernelException>(() => new UnitClaims(folder.File("disk"), _ => false, clock).Try(3));
        Assert.EndsWith("000003.1': no space is left on the disk.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["filler"], Directory.GetFiles(folder.File("disk")).Select(path => Path.GetFileName(path)));
    }
}
