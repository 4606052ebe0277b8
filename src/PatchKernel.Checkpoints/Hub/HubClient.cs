using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Hub;

/// <summary>Asks the hub for a revision's commit, its files, and their bytes.</summary>
internal sealed partial class HubClient : IDisposable
{
    private const int MaxRedirects = 10;
    private const int MaxPages = 100;
    private const int MaxAnswer = 100_000_000;
    private const int MaxFiles = 200_000;
    private const int BufferBytes = 1 << 16;

    private readonly HubSettings settings;
    private readonly HubName name;
    private readonly Uri endpoint;

    // It follows redirects itself, so that the token goes to the hub alone.
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(15) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public HubClient(HubSettings settings, HubName name)
    {
        (this.settings, this.name, endpoint) = (settings, name, new Uri(settings.Endpoint));
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("patchkernel", typeof(HubClient).Assembly.GetName().Version?.ToString(3)));
    }

    /// <summary>The commit that the revision is.</summary>
    public async Task<string> Commit(CancellationToken cancel)
    {
        var path = $"/api/models/{name.Repository}/revision/{Uri.EscapeDataString(name.Revision)}";
        var (answer, _) = await Ask(new Uri(settings.Endpoint + path), CommitOf, cancel);
        return Hex.IsCommit(answer) ? answer! : throw Strange(path, "it names no commit");

        static string? CommitOf(JsonElement json) =>
            json.ValueKind == JsonValueKind.Object && json.TryGetProperty("sha", out var sha) && sha.ValueKind == JsonValueKind.String ? sha.GetString() : null;
    }

    /// <summary>The files of a commit.</summary>
    public async Task<HubTree> Tree(string commit, CancellationToken cancel)
    {
        var files = new Dictionary<string, HubFile>();
        var page = new Uri($"{settings.Endpoint}/api/models/{name.Repository}/tree/{commit}?recursive=true&expand=false");
        for (var pages = 0; page is not null && pages < MaxPages; pages++)
        {
            var (listed, next) = await Ask(page, json => HubTree.ReadPage(json).ToList(), cancel);
            foreach (var file in listed) files[file.Path] = file;
            if (files.Count > MaxFiles) throw Strange(page.AbsolutePath, $"it lists more than {MaxFiles} files");
            page = next;
        }
        return page is null ? new HubTree(files) : throw Strange(page.AbsolutePath, "the list of files has no end");
    }

    /// <summary>A file's bytes from a place on; the answer is the caller's to dispose.</summary>
    /// <exception cref="HubUnreachableException">It may go better next time.</exception>
    public async Task<HttpResponseMessage> File(HubFile file, string commit, long from, CancellationToken cancel)
    {
        var address = new Uri($"{settings.Endpoint}/{name.Repository}/resolve/{commit}/{Uri.EscapeDataString(file.Path)}");
        var response = await Send(address, from > 0 ? new RangeHeaderValue(from, null) : null, cancel);
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return response;
        using (response)
            throw response.RequestMessage?.RequestUri is { } storage && !IsHub(storage)
                ? new HubUnreachableException( // the hub's next redirect has a fresh signature
                    $"The file '{file.Path}' of '{name}' can't be fetched: {storage.Host}, where the hub keeps it, answered {(int)response.StatusCode}; "
                    + "try again later, what was downloaded is kept.")
                : HubFault.Of(response, name, settings, $"the file '{file.Path}'");
    }

    /// <summary>Waits for the hub, for a limited time; a broken connection becomes a temporary failure.</summary>
    public async Task<T> Await<T>(Func<CancellationToken, Task<T>> answer, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(settings.LongestSilence);
        return await Guard(() => answer(patience.Token), cancel);
    }

    /// <summary>A file's bytes, as they come; the caller's to dispose.</summary>
    public Task<HubBody> Body(HttpResponseMessage response, CancellationToken cancel) => HubBody.Of(this, response, settings.LongestSilence, cancel);

    /// <summary>Turns a broken connection or a timeout into a temporary failure.</summary>
    public async Task<T> Guard<T>(Func<Task<T>> answer, CancellationToken cancel)
    {
        try
        {
            return await answer();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            var reason = e is OperationCanceledException ? "no answer came, or next to nothing of it" : Excerpt.Text(e.Message.TrimEnd('.')); // it may quote the answer
            throw new HubUnreachableException(
                $"There is no folder '{name}', and it can't be fetched from {settings.Endpoint}: {reason}; "
                + "check the network and run again, what was downloaded is kept.", inner: e);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<(T Answer, Uri? Next)> Ask<T>(Uri address, Func<JsonElement, T> read, CancellationToken cancel)
    {
        using var response = await Send(address, range: null, cancel);
        if (!response.IsSuccessStatusCode) throw HubFault.Of(response, name, settings, $"the revision '{name.Revision}'");
        var bytes = await ReadAll(response, address, cancel);
        try
        {
            if (JsonFile.HasTooManyValues(bytes.Span)) throw Strange(address.AbsolutePath, "it has more values than are believed");
            using var json = JsonDocument.Parse(bytes);
            var links = response.Headers.TryGetValues("Link", out var values) ? string.Join(',', values) : "";
            var next = NextPage().Match(links) is { Success: true } match ? Next(address, new Uri(address, match.Groups["address"].Value)) : null;
            return (read(json.RootElement), next);
        }
        catch (Exception e) when (e is JsonException or UriFormatException or InvalidOperationException)
        {
            throw Strange(address.AbsolutePath, e is JsonException ? JsonFault.Of(bytes.Span, maxDepth: 64).Reason : "it isn't what the hub answers");
        }
    }

    /// <summary>An answer's bytes, up to a limit: HttpClient's own limit doesn't hold when the body is read after the headers.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadAll(HttpResponseMessage response, Uri address, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentLength > MaxAnswer) throw TooLong();
        await using var body = await Body(response, cancel);
        var (kept, buffer) = (new MemoryStream(), new byte[BufferBytes]);
        for (int count; (count = await body.Read(buffer)) > 0;)
        {
            if (kept.Length + count > MaxAnswer) throw TooLong();
            kept.Write(buffer, 0, count);
        }
        return kept.GetBuffer().AsMemory(0, (int)kept.Length);

        PatchKernelException TooLong() => Strange(address.AbsolutePath, $"it is longer than {ByteCount.Text(MaxAnswer)}");
    }

    /// <summary>The address that an answer redirects to: http or https, and from https only https.</summary>
    private Uri Next(Uri from, Uri to) =>
        to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)
            ? to
            : throw Strange(from.AbsolutePath, $"it leads to {to.Scheme}:{(to.Host.Length > 0 ? $"//{to.Host}" : "")}");

    private async Task<HttpResponseMessage> Send(Uri address, RangeHeaderValue? range, CancellationToken cancel)
    {
        for (var hops = 0; hops <= MaxRedirects; hops++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Range = range;
            if (settings.Token is { } token && IsHub(address)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var response = await Await(patience => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience), cancel);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location) return response;
            response.Dispose();
            address = Uri.TryCreate(address, location, out var next) ? Next(address, next) : throw Strange(address.AbsolutePath, "it leads to no address");
        }
        throw Strange(address.AbsolutePath, "it is redirected without end");
    }

    private bool IsHub(Uri address) => address.Scheme == endpoint.Scheme && address.Host == endpoint.Host && address.Port == endpoint.Port;

    private PatchKernelException Strange(string path, string reason) =>
        new($"The hub at {settings.Endpoint} gave a strange answer for {path}: {Excerpt.Text(reason)}; check HF_ENDPOINT.");

    [GeneratedRegex("""<(?<address>[^>]+)>\s*;\s*rel="next"\s*(,|$)""", RegexOptions.ExplicitCapture)]
    private static partial Regex NextPage();
}
