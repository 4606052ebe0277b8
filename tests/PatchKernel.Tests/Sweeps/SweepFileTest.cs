using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

/// <summary>A result file that a test can change.</summary>
public abstract class SweepFileTest : IDisposable
{
    private protected readonly TemporaryFolder folder = new();

    private protected string File => folder.File("result.json");

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected JsonObject Saved() => JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject();

    private protected void Write(JsonObject json) => System.IO.File.WriteAllText(File, json.ToJsonString());

    private protected void Change(Action<JsonObject> change)
    {
        SampleResults.Small().Save(File);
        var json = Saved();
        change(json);
        Write(json);
    }

    /// <summary>The sentence with which the file is refused.</summary>
    private protected string Refusal() => Assert.Throws<PatchKernelException>(() => SweepResult.Load(File)).Message;
}
