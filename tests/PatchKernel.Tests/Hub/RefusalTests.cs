using PatchKernel.Hub;
using PatchKernel.Models;

namespace PatchKernel.Tests.Hub;

/// <summary>What the user reads when the hub refuses, or answers what no hub does.</summary>
public sealed class RefusalTests : HubTest
{
    private string Failure(string name = HubStandIn.Repository, string? token = "hf_secret", bool offline = false)
    {
        var settings = hub.Settings(folder.Path, token, offline: offline);
        var message = Assert.ThrowsAny<PatchKernelException>(() => ModelPlace.Find(name, HubNeed.Weights, settings, accept: config => ConfigReader.Read(config))).Message;
        Assert.DoesNotContain("hf_secret", message, StringComparison.Ordinal);
        return message;
    }

    [Theory]
    [InlineData(401, null, "set HF_TOKEN to a token from https://huggingface.co/settings/tokens")]
    [InlineData(403, "hf_secret", "the token that was sent has no access yet")]
    public void A_gated_model_says_where_to_ask_and_how_to_set_the_token(int status, string? token, string advice)
    {
        hub.Instead = request => request.Target.Contains("/resolve/", StringComparison.Ordinal)
            ? StandInAnswer.Text(status, "Access to model gated/model is restricted.", ("X-Error-Code", "GatedRepo"))
            : null;
        var message = Failure(token: token);
        Assert.Contains($"ask for it at {hub.Endpoint}/{HubStandIn.Repository}", message, StringComparison.Ordinal);
        Assert.Contains(advice, message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_model_is_named_with_the_place_that_was_asked()
    {
        var message = Failure("nobody/nothing");
        Assert.Contains("There is no folder 'nobody/nothing'", message, StringComparison.Ordinal);
        Assert.Contains($"the hub at {hub.Endpoint} knows no model 'nobody/nothing'", message, StringComparison.Ordinal);
        Assert.Single(hub.Requests);
    }

    [Fact]
    public void An_unknown_revision_is_named() =>
        Assert.Contains("has no revision 'v9'", Failure($"{HubStandIn.Repository}@v9"), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_gone_is_named()
    {
        hub.Instead = request => request.Target.EndsWith("/config.json", StringComparison.Ordinal) ? StandInAnswer.Text(404) : null;
        var message = Failure();
        Assert.Contains("the file 'config.json'", message, StringComparison.Ordinal);
        Assert.Contains(hub.Endpoint, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Offline_nothing_is_asked_and_the_cache_is_named()
    {
        Assert.Contains($"the cache '{folder.Path}' doesn't have all of that model: unset HF_HUB_OFFLINE", Failure(offline: true), StringComparison.Ordinal);
        Assert.Empty(hub.Requests);
    }

    [Fact]
    public void A_hub_out_of_reach_is_named()
    {
        hub.Dispose();
        Assert.Contains($"There is no folder '{HubStandIn.Repository}', and it can't be fetched from {hub.Endpoint}", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hub_out_of_reach_does_no_harm_where_the_cache_has_enough()
    {
        var settings = hub.Settings(folder.Path);
        var snapshot = ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings, accept: config => ConfigReader.Read(config)).Folder;
        // Without the list of files nobody knows whether there is a tokenizer.
        Directory.Delete(Path.Combine(snapshot, "..", "..", "trees"), recursive: true);
        hub.Dispose();
        Assert.Equal(snapshot, ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings, accept: config => ConfigReader.Read(config)).Folder);
    }

    [Fact]
    public void A_list_of_files_without_end_is_refused()
    {
        hub.Instead = request => request.Target.Contains("/tree/", StringComparison.Ordinal)
            ? StandInAnswer.Text(200, "[]", ("Link", $"<{hub.Endpoint}{request.Target}>; rel=\"next\""))
            : null;
        Assert.Contains("the list of files has no end", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_safetensors_is_refused_with_what_it_has()
    {
        foreach (var file in hub.Files.Keys.Where(file => file.Contains("safetensors", StringComparison.Ordinal)).ToList()) hub.Files.Remove(file);
        Assert.Contains("only files such as 'pytorch_model.bin'", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_cant_run_is_refused_before_its_weights_come()
    {
        hub.Files["config.json"] = """{"model_type": "bert"}"""u8.ToArray();
        Assert.Contains("bert", Failure(), StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Requests, request => request.Host == "files");
    }

    [Fact]
    public void An_adapter_is_refused_as_one()
    {
        hub.Files.Remove("config.json");
        hub.Files["adapter_config.json"] = """{"base_model_name_or_path": "a/b"}"""u8.ToArray();
        Assert.Contains("is an adapter (adapter_config.json), not a model: merge it", Failure(), StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Requests, request => request.Host == "files");
    }

    [Theory]
    [InlineData("file:///etc/passwd", "it leads to file:")]
    [InlineData("ftp://127.0.0.1/x", "it leads to ftp://127.0.0.1")]
    [InlineData("data:application/json,[]", "it leads to data:")]
    [InlineData("javascript:alert(1)", "it leads to javascript:")]
    [InlineData("http://[", "a strange answer")]
    public void A_next_page_or_a_redirect_that_isnt_http_is_refused(string address, string said)
    {
        hub.Instead = request => request.Target.Contains("/tree/", StringComparison.Ordinal)
            ? StandInAnswer.Text(200, "[]", ("Link", $"<{address}>; rel=\"next\""))
            : null;
        Assert.Contains(said, Failure(), StringComparison.Ordinal);
        hub.Instead = request => request.Target.Contains("/tree/", StringComparison.Ordinal) ? StandInAnswer.Text(302, "", ("Location", address)) : null;
        Assert.Contains(address == "http://[" ? "answered 302" : said, Failure(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_longer_than_the_limit_is_given_up_there(bool says)
    {
        hub.Instead = request => request.Target.Contains("/tree/", StringComparison.Ordinal)
            ? new StandInAnswer(200, "["u8.ToArray()) { Endless = " "u8.ToArray(), Length = says ? 1L << 40 : null }
            : null;
        Assert.Contains("it is longer than 100.0 MB", Failure(), StringComparison.Ordinal);
        Assert.InRange(hub.Sent, 0, 150_000_000);
    }

    [Fact]
    public void More_values_or_files_than_any_repository_s_are_refused()
    {
        hub.Instead = request => request.Target.Contains("/tree/", StringComparison.Ordinal)
            ? StandInAnswer.Text(200, $"[{string.Concat(Enumerable.Repeat("0,", 3_000_000))}0]")
            : null;
        Assert.Contains("it has more values than are believed", Failure(), StringComparison.Ordinal);
        var oid = new string('0', 40);
        hub.Instead = request => request.Target.Contains("/tree/", StringComparison.Ordinal)
            ? StandInAnswer.Text(200, $"[{string.Join(',', Enumerable.Range(0, 50_001).Select(i =>
                $$"""{"type":"file","path":"{{request.Target.Length}}/{{i}}","size":1,"oid":"{{oid}}"}"""))}]", ("Link", $"<{hub.Endpoint}{request.Target}x>; rel=\"next\""))
            : null;
        Assert.Contains("it lists more than 200000 files", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void Escape_sequences_of_an_answer_are_shown_as_text()
    {
        hub.Instead = _ => new StandInAnswer(200, []) { Raw = "\u001b]0;pwned\u0007\u001b[31mred\u001b[0m\r\n\r\n"u8.ToArray() };
        var message = Failure();
        Assert.Contains(@"\u001b]0;pwned\u0007\u001b[31mred", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void A_repository_without_a_config_is_refused()
    {
        hub.Files.Remove("config.json");
        Assert.Contains("has no config.json on the hub", Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_that_names_a_missing_shard_is_refused()
    {
        hub.Files.Remove("model-00002-of-00004.safetensors");
        Assert.Contains("names 'model-00002-of-00004.safetensors', which isn't there", Failure(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"sha": 7}""")]
    [InlineData("""{"sha": "../../../../etc"}""")]
    public void An_answer_that_names_no_commit_is_refused(string body)
    {
        hub.Instead = _ => StandInAnswer.Text(200, body);
        Assert.Contains("a strange answer", Failure(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("""{"type":"file","path":"config.json","size":3,"oid":"../../../../x"}""")]
    [InlineData("""{"type":"file","path":"config.json","size":-3,"oid":"d59178c30e6facf624f878bf893cc876a9b64123"}""")]
    [InlineData("""{"type":"file","path":"config.json","size":3,"oid":"d59178c30e6facf624f878bf893cc876a9b64123","lfs":{"oid":"../x","size":3}}""")]
    public void A_list_of_files_with_odd_hashes_is_refused(string entry)
    {
        hub.Instead = request => request.Target.Contains("/tree/", StringComparison.Ordinal) ? StandInAnswer.Text(200, $"[{entry}]") : null;
        Assert.Contains("a strange answer", Failure(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_cache_that_cant_be_written_is_named()
    {
        File.WriteAllText(folder.File("file"), "");
        var settings = hub.Settings(folder.File("file"));
        var message = Assert.ThrowsAny<PatchKernelException>(() => ModelPlace.Find(HubStandIn.Repository, HubNeed.Weights, settings, accept: config => ConfigReader.Read(config))).Message;
        Assert.Contains($"The cache '{folder.File("file")}' can't be written", message, StringComparison.Ordinal);
        Assert.Contains("set HF_HUB_CACHE", message, StringComparison.Ordinal);
    }
}
