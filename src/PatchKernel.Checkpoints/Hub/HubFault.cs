using System.Globalization;
using System.Net;

namespace PatchKernel.Hub;

/// <summary>Explains the hub's refusals to the user.</summary>
internal static class HubFault
{
    private const string TokenPage = "https://huggingface.co/settings/tokens";

    /// <summary>The error for an answer.</summary>
    /// <param name="response">An answer that isn't a success.</param>
    /// <param name="name">The model that was asked for.</param>
    /// <param name="settings">Where, and whether with a token.</param>
    /// <param name="what">What was asked for, such as <c>the file 'config.json'</c>.</param>
    public static PatchKernelException Of(HttpResponseMessage response, HubName name, HubSettings settings, string what)
    {
        var code = response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.FirstOrDefault() : null;
        return (code, response.StatusCode) switch
        {
            (_, HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError) => Busy(response, name, settings),
            ("RevisionNotFound", _) => new(
                $"'{name.Repository}' has no revision '{name.Revision}' on the hub at {settings.Endpoint}: name a branch, tag or commit that is there."),
            ("GatedRepo", _) or (_, HttpStatusCode.Forbidden) => Gated(name, settings),
            ("RepoNotFound", _) or (_, HttpStatusCode.Unauthorized) => Unknown(name, settings),
            (_, HttpStatusCode.NotFound) => new($"The hub at {settings.Endpoint} doesn't have {what} of '{name}', and there is no folder of that name."),
            _ => new($"The hub at {settings.Endpoint} answered {(int)response.StatusCode} when it was asked for {what} of '{name}'."),
        };
    }

    private static PatchKernelException Gated(HubName name, HubSettings settings) => new(
        $"Access to '{name.Repository}' is restricted: ask for it at {settings.Endpoint}/{name.Repository}, then " + (settings.Token is null
            ? $"set HF_TOKEN to a token from {TokenPage}."
            : $"run again; the token that was sent has no access yet (set HF_TOKEN to another one from {TokenPage} if it isn't yours)."));

    private static PatchKernelException Unknown(HubName name, HubSettings settings) => new(
        $"There is no folder '{name}', and the hub at {settings.Endpoint} knows no model '{name.Repository}' or hides it: check the name; if it is a private one, "
        + (settings.Token is null ? $"set HF_TOKEN to a token from {TokenPage}." : "check the token, which the hub didn't accept for it."));

    private static PatchKernelException Busy(HttpResponseMessage response, HubName name, HubSettings settings)
    {
        var wait = Wait(response, settings.Clock);
        var answer = $"The hub at {settings.Endpoint} answered {(int)response.StatusCode} when it was asked for '{name}'";
        return wait > HubRetry.LongestWait
            ? new PatchKernelException($"{answer}, and asks to wait {wait.Value.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture)} seconds: try again then.")
            : new HubUnreachableException($"{answer}, {HubRetry.Retries + 1} times: try again later; what was downloaded is kept.", wait);
    }

    private static TimeSpan? Wait(HttpResponseMessage response, TimeProvider clock) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - clock.GetUtcNow() is var left => left > TimeSpan.Zero ? left : TimeSpan.Zero,
        _ => null,
    };
}
