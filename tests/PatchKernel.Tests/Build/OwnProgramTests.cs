using System.Text.RegularExpressions;

namespace PatchKernel.Tests;

/// <summary>Programs of a reader's own, made from the README's lines alone.</summary>
public sealed partial class OwnProgramTests : IDisposable
{
    // Nothing stays behind: no build nodes, no compiler.
    private static readonly (string, string?)[] Quiet =
        [("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("DOTNET_CLI_UI_LANGUAGE", "en"), ("DOTNET_NOLOGO", "1"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1")];

    private readonly TemporaryFolder folder = new();
    private readonly string checkout;

    /// <summary>The lines run in a folder that has what the code reads, so that the results aren't written into the repository.</summary>
    public OwnProgramTests()
    {
        checkout = folder.File("checkout");
        foreach (var place in (string[])["models/mini", "data"])
        {
            var copies = Directory.CreateDirectory(Path.Combine(checkout, place)).FullName;
            foreach (var file in Directory.GetFiles(TestData.InRepository(place))) File.Copy(file, Path.Combine(copies, Path.GetFileName(file)));
        }
    }

    [Fact]
    public async Task A_project_outside_the_repository_sweeps()
    {
        var (lines, code) = Section();
        foreach (var line in lines[..3])
        {
            if (line.StartsWith("dotnet run ", StringComparison.Ordinal)) await File.WriteAllTextAsync(folder.File("my-sweeps/Program.cs"), code);
            await RunAsync(line.Replace("src/PatchKernel", TestData.InRepository("src", "PatchKernel"), StringComparison.Ordinal));
        }
        AssertSwept();
    }

    [Fact]
    public async Task A_script_in_the_repository_keeps_none_of_its_rules_and_sweeps()
    {
        var (lines, code) = Section();
        var script = TestData.InRepository($"my-sweep-{Guid.NewGuid():N}.cs");
        try
        {
            await File.WriteAllTextAsync(script, $$"""
                #:project src/PatchKernel
                using System.Xml;
                {{code}}
                public class anything { public int Unused; static string Lower(string text) { return text.ToLower(); } }
                """);
            await RunAsync(lines[3].Replace("my-sweep.cs", script, StringComparison.Ordinal));
            Assert.Empty(Directory.GetFiles(TestData.Root, "packages.lock.json"));
        }
        finally
        {
            File.Delete(script);
        }
        AssertSwept();
    }

    /// <summary>A script's settings are those of a program that could be compiled ahead of time, without reflection for JSON.</summary>
    [Fact]
    public async Task A_script_runs_a_study_of_its_own()
    {
        var documents = File.ReadAllText(TestData.InRepository("docs", "studies.md"));
        var code = Block().Matches(documents).Single(block => block.Groups[1].Value == "csharp").Groups[2].Value;
        var script = folder.File("study.cs");
        await File.WriteAllTextAsync(script, $"#:project {TestData.InRepository("src", "PatchKernel.Experiments")}\nusing PatchKernel;\n{code}");
        await RunAsync($"dotnet run {script}");
        Assert.True(Experiment.Status(Path.Combine(checkout, "study")).IsComplete);
        Assert.True(new FileInfo(Path.Combine(checkout, "study.html")).Length > 1_000_000);
    }

    [Fact]
    public async Task A_script_finds_and_tests_a_circuit()
    {
        var documents = File.ReadAllText(TestData.InRepository("docs", "circuits.md"));
        var code = Block().Matches(documents).Single(block => block.Groups[1].Value == "csharp").Groups[2].Value;
        var script = folder.File("circuit.cs");
        await File.WriteAllTextAsync(script, $"#:project {TestData.InRepository("src", "PatchKernel")}\nusing PatchKernel;\n{code}\nScoredGraph.Of(estimate, model.Config).Save(\"scores.json\");\n");
        var output = await RunAsync($"dotnet run {script}");
        Assert.Contains("the 25 largest, against the exact effect: Pearson", output, StringComparison.Ordinal);
        Assert.Contains("with the circuit alone", output, StringComparison.Ordinal);
        Assert.Equal(1405, ScoredGraph.Load(Path.Combine(checkout, "scores.json")).Edges.Count);
    }

    public void Dispose() => folder.Dispose();

    private async Task<string> RunAsync(string line)
    {
        var words = line.Split(' ');
        Assert.Equal("dotnet", words[0]);
        // A script's build lies in the user's data folder.
        var run = await Programs.RunAsync(checkout, [.. Quiet, ("XDG_DATA_HOME", Directory.CreateDirectory(folder.File("data-home")).FullName)], [Programs.Dotnet, .. words[1..]]);
        Assert.True(run.ExitCode == 0, $"{line}\n{run.Output}\n{run.Error}");
        return run.Output;
    }

    /// <summary>What it saved is what a sweep in this process gives.</summary>
    private void AssertSwept()
    {
        using var model = LanguageModel.Load(TestData.InRepository("models", "mini"));
        var pair = PromptPair.FromDefinition(PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find("einstein"), model.Tokenizer!);
        var expected = Sweep.Run(model, pair, new SweepOptions { Site = Activation.ResidPost });
        var saved = SweepResult.Load(Path.Combine(checkout, "einstein.json"));
        Assert.Equal(("mini", Activation.ResidPost), (saved.Model.Name, saved.Site));
        Assert.All(saved.NormalisedScore.Zip(expected.NormalisedScore), scores => Assert.Equal(scores.Second, scores.First, 1e-4f)); // float32 in another order
        Assert.True(new FileInfo(Path.Combine(checkout, "patching.html")).Length > 1_000_000);
    }

    /// <summary>The commands and the code of the README's section on C#.</summary>
    private static (string[] Lines, string Code) Section()
    {
        var readme = File.ReadAllText(TestData.InRepository("README.md"));
        var section = readme[readme.IndexOf("## From C#\n", StringComparison.Ordinal)..readme.IndexOf("## Trust\n", StringComparison.Ordinal)];
        string Blocks(string kind) => string.Concat(Block().Matches(section).Where(block => block.Groups[1].Value == kind).Select(block => block.Groups[2].Value));
        var lines = Blocks("sh").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        return (lines, Blocks("csharp"));
    }

    [GeneratedRegex("```(\\w+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
