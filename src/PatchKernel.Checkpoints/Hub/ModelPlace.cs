using PatchKernel.Gguf;

namespace PatchKernel.Hub;

/// <summary>Where a model's files are, and what it is called.</summary>
/// <param name="Folder">Its folder or GGUF file, or what was given where that is no name on the hub.</param>
/// <param name="Name">The name on the hub, or the folder's, or the file's without its extension.</param>
internal sealed record ModelPlace(string Folder, string Name)
{
    /// <summary>Finds a model by path or by name; a path that exists wins.</summary>
    /// <param name="model">A path, or a name on the hub, which is downloaded where the cache doesn't have it.</param>
    /// <param name="need">Whether the weights are needed.</param>
    /// <param name="settings">Where the hub and the cache are; by default what the environment says.</param>
    /// <param name="progress">Receives download progress; null for none.</param>
    /// <param name="cancel">Stops a download.</param>
    /// <param name="accept">Looks at config.json before weights are downloaded, and throws where the model can't be run; null for nobody.</param>
    /// <exception cref="PatchKernelException">A model on the hub isn't there, or can't be downloaded.</exception>
    public static ModelPlace Find(
        string model, HubNeed need, HubSettings? settings = null, IProgress<DownloadProgress>? progress = null, Action<string>? accept = null, CancellationToken cancel = default)
    {
        if (Path.Exists(model) || GgufFile.IsNameOf(model) || HubName.Parse(model) is not { } name) return new(model, NameOf(model));
        return new(ModelHub.Find(name, need, settings ?? HubSettings.FromEnvironment(), progress, accept, cancel), name.ToString());
    }

    private static string NameOf(string path)
    {
        if (path.Length == 0) return path;
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return name.Length == 0 ? path : GgufFile.IsNameOf(path) ? Path.GetFileNameWithoutExtension(name) : name;
    }
}
