namespace PatchKernel.Tests.Doors;

/// <summary>Data flows one way, and so do names: a folder uses only those before it.</summary>
public sealed class DoorTests
{
    private static readonly Dictionary<string, string[]> Orders = new()
    {
        ["PatchKernel.Checkpoints"] = ["Text", ".", "Templates", "Files", "Json", "Torch", "Safetensors", "Gguf", "Hub", "Tokens", "Chat"],
        ["PatchKernel"] = ["Activations", "Prompts", "Models", "Taps", "Runs", "Metrics", "Sweeps", "Circuits", "Lens", "Costs", "Attribution", "Charts", "Displays"],
        ["PatchKernel.Experiments"] = ["Data", "Tables", "Studies", "Units", "TableCharts"],
    };

    public static TheoryData<string> Projects => [.. Orders.Keys];

    [Theory, MemberData(nameof(Projects))]
    public void A_folder_uses_only_those_before_it(string project)
    {
        var order = Orders[project];
        using var uses = new FolderUses(project, order);
        string[] against = [.. uses.All.Where(use => Array.IndexOf(order, use.To) > Array.IndexOf(order, use.From)).Select(use => $"{use.From} uses {use.To}: {use.What}")];
        Assert.True(against.Length == 0, string.Join('\n', against));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Every_folder_has_its_place(string project)
    {
        var folders = Directory.GetDirectories(TestData.InRepository("src", project)).Select(path => Path.GetFileName(path)!).Except(["bin", "obj"]);
        Assert.Empty(folders.Except(Orders[project]));
    }

    [Fact]
    public void What_is_used_is_seen_as_calls_types_and_partial_types()
    {
        using var uses = new FolderUses("PatchKernel", Orders["PatchKernel"]);
        var seen = uses.All.Select(use => (use.From, use.To, use.What)).ToList();
        Assert.Contains(seen, use => use is { From: "Sweeps", To: "Models" } && use.What.EndsWith("LanguageModel", StringComparison.Ordinal));
        Assert.Contains(seen, use => use is { From: "Displays", To: "Charts" } && use.What.Contains("SweepResult.ToHtml", StringComparison.Ordinal));
        Assert.Contains(seen, use => use is { From: "Sweeps", To: "Activations" } && use.What.EndsWith(nameof(Activation), StringComparison.Ordinal)); // an enum
    }
}
