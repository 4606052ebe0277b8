using PatchKernel.Hub;

namespace PatchKernel.Tests.Hub;

public sealed class HubNameTests
{
    private const string Commit = "552ef87e8e3913b423160600a65e7117c6330d2c";

    [Theory]
    [InlineData("meta-llama/Llama-3.2-1B-Instruct", "meta-llama/Llama-3.2-1B-Instruct", "main", "models--meta-llama--Llama-3.2-1B-Instruct")]
    [InlineData("a/b@v1.0", "a/b", "v1.0", "models--a--b")]
    [InlineData("a/b@refs/pr/1", "a/b", "refs/pr/1", "models--a--b")]
    [InlineData($"a_b/c.d@{Commit}", "a_b/c.d", Commit, "models--a_b--c.d")]
    public void Names_have_a_repository_and_a_revision(string text, string repository, string revision, string folder)
    {
        var name = HubName.Parse(text)!;
        Assert.Equal((repository, revision, folder), (name.Repository, name.Revision, name.FolderName));
        Assert.Equal(revision == Commit, name.IsCommit);
        Assert.Equal(text, name.ToString());
    }

    [Fact]
    public void The_main_revision_is_left_out() => Assert.Equal("a/b", HubName.Parse("a/b@main")!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("gpt2")]
    [InlineData("a/b/c")]
    [InlineData("./b")]
    [InlineData("../b")]
    [InlineData("/b")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("C:/models")]
    [InlineData("~/models")]
    [InlineData("a/b.")]
    [InlineData("a/b--c")]
    [InlineData("a/b..c")]
    [InlineData("a/b@")]
    [InlineData("a/b@../../x")]
    [InlineData("a/b@x/../y")]
    [InlineData("a/b@/x")]
    [InlineData("a/b@x/")]
    [InlineData("a/b\n")]
    [InlineData("a/b c")]
    [InlineData("ä/b")]
    public void What_can_only_be_a_path_is_no_name(string text) => Assert.Null(HubName.Parse(text));

    [Fact]
    public void Names_longer_than_the_hub_allows_are_none() => Assert.Null(HubName.Parse($"a/{new string('b', 95)}"));

    [Fact]
    public void A_path_that_exists_wins()
    {
        var path = Path.GetRelativePath(Directory.GetCurrentDirectory(), CliRun.Tiny);
        Assert.Equal((path, "llama3.2-tied-gqa-rope3"), (ModelPlace.Find(path, HubNeed.Weights).Folder, ModelPlace.Find(path, HubNeed.Weights).Name));
        var home = Directory.CreateDirectory(Path.Combine(Directory.GetCurrentDirectory(), $"org{Guid.NewGuid():N}", "name"));
        try
        {
            var name = $"{home.Parent!.Name}/name";
            Assert.Equal(name, HubName.Parse(name)!.Repository);
            Assert.Equal(name, ModelPlace.Find(name, HubNeed.Weights).Folder);
        }
        finally
        {
            home.Parent!.Delete(recursive: true);
        }
    }
}
