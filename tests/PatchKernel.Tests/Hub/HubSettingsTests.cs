using PatchKernel.Hub;

namespace PatchKernel.Tests.Hub;

public sealed class HubSettingsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public void Dispose() => folder.Dispose();

    private HubSettings Of(params (string Name, string Value)[] variables)
    {
        var all = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        all.TryAdd("HF_HOME", folder.Path);
        return HubSettings.FromEnvironment(all.GetValueOrDefault);
    }

    [Fact]
    public void Without_variables_the_cache_is_where_Python_has_it()
    {
        Assert.Equal(Path.Combine(Home, ".cache", "huggingface", "hub"), HubSettings.FromEnvironment(_ => null).CacheFolder);
        Assert.Equal(Path.Combine(Home, ".cache", "huggingface", "hub"), HubSettings.FromEnvironment(_ => "").CacheFolder);
        Assert.Equal("https://huggingface.co", HubSettings.FromEnvironment(_ => null).Endpoint);
    }

    [Fact]
    public void Variables_move_the_cache()
    {
        Assert.Equal(Path.GetFullPath("/x/huggingface/hub"), HubSettings.FromEnvironment(name => name == "XDG_CACHE_HOME" ? "/x" : null).CacheFolder);
        Assert.Equal(folder.File("hub"), Of().CacheFolder);
        Assert.Equal(Path.GetFullPath("/y"), Of(("HF_HUB_CACHE", "/y"), ("HUGGINGFACE_HUB_CACHE", "/z")).CacheFolder);
        Assert.Equal(Path.GetFullPath("/z"), Of(("HUGGINGFACE_HUB_CACHE", "/z")).CacheFolder);
    }

    [Theory]
    [InlineData("~/models")]
    [InlineData("$HOMELY/models")]
    [InlineData("${HOMELY}/models")]
    public void Paths_may_name_the_home_and_variables(string path) =>
        Assert.Equal(Path.Combine(Home, "models"), Of(("HF_HUB_CACHE", path), ("HOMELY", Home)).CacheFolder);

    [Fact]
    public void The_token_comes_from_the_variable_before_the_file()
    {
        Assert.Null(Of().Token);
        File.WriteAllText(folder.File("token"), "hf_file\n");
        Assert.Equal("hf_file", Of().Token);
        Assert.Equal("hf_own", Of(("HF_TOKEN", " hf_own\r\n")).Token);
        File.WriteAllText(folder.File("other"), "hf_other");
        Assert.Equal("hf_other", Of(("HF_TOKEN_PATH", folder.File("other"))).Token);
        Assert.Null(Of(("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"), ("HF_TOKEN", "hf_own")).Token);
    }

    [Fact]
    public void A_token_that_cant_be_sent_is_refused_without_showing_it()
    {
        var message = Assert.Throws<PatchKernelException>(() => Of(("HF_TOKEN", "hf_a\nhf_b"))).Message;
        Assert.Contains("HF_TOKEN", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_a", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_prints_the_token() => Assert.DoesNotContain("hf_own", Of(("HF_TOKEN", "hf_own")).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("Yes", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public void Switches_are_read_as_Python_reads_them(string value, bool expected)
    {
        Assert.Equal(expected, Of(("HF_HUB_OFFLINE", value)).Offline);
        Assert.Equal(!expected, Of(("HF_HUB_DISABLE_SYMLINKS", value)).Links);
    }

    [Fact]
    public void The_endpoint_may_be_another()
    {
        Assert.Equal("http://127.0.0.1:1/hub", Of(("HF_ENDPOINT", "http://127.0.0.1:1/hub/")).Endpoint);
        Assert.Contains("HF_ENDPOINT", Assert.Throws<PatchKernelException>(() => Of(("HF_ENDPOINT", "huggingface.co"))).Message, StringComparison.Ordinal);
    }
}
