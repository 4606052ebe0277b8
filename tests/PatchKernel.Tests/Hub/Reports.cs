namespace PatchKernel.Tests.Hub;

/// <summary>Collects reports.</summary>
internal sealed class Reports : IProgress<DownloadProgress>
{
    public List<DownloadProgress> All { get; } = [];

    public Action<DownloadProgress>? Each { get; init; }

    public void Report(DownloadProgress value)
    {
        All.Add(value);
        Each?.Invoke(value);
    }
}
