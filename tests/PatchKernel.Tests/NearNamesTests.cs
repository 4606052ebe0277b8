using PatchKernel.Text;

namespace PatchKernel.Tests;

public sealed class NearNamesTests
{
    [Fact]
    public void The_nearest_come_first_and_the_far_not_at_all() =>
        Assert.Equal(["einstein", "einstein-newton"[..9]], NearNames.Of("einstien", ["capital", "einstein-", "einstein", "colour"]));

    [Fact]
    public void Case_counts_less_than_letters() => Assert.Equal(["Paris", "paris2"], NearNames.Of("PARIS", ["paris2", "Paris"]));

    [Fact]
    public void No_more_than_asked_for_and_none_twice() => Assert.Equal(["a1", "a2"], NearNames.Of("a0", ["a3", "a2", "a1", "a1"], count: 2));

    [Fact]
    public void Nothing_near_gives_nothing() => Assert.Empty(NearNames.Of("xyz", ["einstein", "capital"]));
}
