using PatchKernel.Hub;

namespace PatchKernel.Tests.Hub;

/// <summary>A stand-in for the hub, and an empty cache to download into.</summary>
public abstract class HubTest : IDisposable
{
    private protected static readonly HubName Name = HubName.Parse(HubStandIn.Repository)!;

    private protected readonly TemporaryFolder folder = new();
    private protected readonly HubStandIn hub = new();
    private protected readonly CacheView cache;

    protected HubTest() => cache = new(folder.Path);

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected string Find(HubSettings? settings = null, HubNeed need = HubNeed.Weights) => ModelHub.Find(Name, need, settings ?? hub.Settings(folder.Path));
}
