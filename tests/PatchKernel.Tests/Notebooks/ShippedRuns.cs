using PatchKernel.Tests.Notebooks;

[assembly: AssemblyFixture(typeof(ShippedRuns))]

namespace PatchKernel.Tests.Notebooks;

/// <summary>The shipped notebooks as the runner writes them, each run once for all tests; a test that asks for one runs alone.</summary>
public sealed class ShippedRuns : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HashSet<string> ran = [];

    /// <summary>The path of a notebook's .ipynb or .html with its outputs.</summary>
    public string Of(string name, string ending)
    {
        if (!ran.Contains(name))
        {
            using var checkout = new TemporaryFolder();
            Notebook.Run("run", Notebook.Shipped(checkout, name), "--out", folder.Path).Success();
            ran.Add(name);
        }
        return folder.File(Path.ChangeExtension(name, ending));
    }

    public void Dispose() => folder.Dispose();
}
