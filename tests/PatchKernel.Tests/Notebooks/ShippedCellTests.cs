using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Events;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks of the repository, cell by cell in the engine that VS Code's Polyglot Notebooks use: what each cell ends with.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class ShippedCellTests : IDisposable
{
    private static readonly string Folder = TestData.InRepository("notebooks");

    private readonly CompositeKernel kernel = new() { new CSharpKernel() };
    private readonly WorkingDirectory folder = WorkingDirectory.Enter(Folder);

    public ShippedCellTests() => kernel.DefaultKernelName = "csharp";

    /// <summary>Every notebook that ships, and how many charts it draws.</summary>
    public static TheoryData<string, int> Notebooks => new()
    {
        { "01-activation-patching", 3 },
        { "02-your-own-prompts", 7 },
        { "03-attention-and-mlp", 6 },
        { "04-larger-models", 2 },
        { "05-studies", 3 },
        { "06-circuits", 6 },
    };

    public void Dispose()
    {
        kernel.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void No_notebook_is_left_out() => Assert.Equal(
        ConvertTests.Shipped.Select(row => Path.GetFileNameWithoutExtension(row.Data)), Notebooks.Select(row => row.Data.Item1));

    [Theory, MemberData(nameof(Notebooks))]
    public async Task Any_cell_can_be_run_twice_draws_its_charts_and_leaves_no_tensor_behind(string name, int charts)
    {
        var shown = new List<object?>();
        foreach (var code in await CodeCells(name))
        {
            var first = await Run(code);
            var tensors = TorchSharp.torch.Tensor.TotalCount;
            var second = await Run(code);
            Assert.True(TorchSharp.torch.Tensor.TotalCount <= tensors, $"leaves tensors behind: {code}");
            Assert.Equal(first.Select(value => value?.GetType()), second.Select(value => value?.GetType()));
            Assert.Equal(Figures(first), Figures(second));
            shown.AddRange(first);
        }
        Assert.Equal(charts, shown.OfType<ResultChart>().Count());
        Assert.All(shown.OfType<ExerciseOutcome>(), outcome => Assert.Equal(ExerciseState.Unanswered, outcome.State));
        Assert.NotEmpty(shown.OfType<ExerciseOutcome>());
    }

    /// <summary>Every exercise: a part of its cell, a right answer and a wrong one.</summary>
    public static TheoryData<string, string, string, string> Exercises => new()
    {
        { "01-activation-patching", "int? cells = ", "8", "9" },
        { "01-activation-patching", "int? position = ", "19", "99" },
        { "01-activation-patching", "int? percent = ", "100", "72" },
        { "02-your-own-prompts", "string smallest = ", "\"surname\"", "\"moon\"" },
        { "02-your-own-prompts", "PairDefinition yours = ", YourPair("Albert Einstein"), YourPair("Einstein") },
        { "03-attention-and-mlp", "(int Layer, int Head)? second = ", "(4, 1)", "(4, 0)" },
        { "04-larger-models", "int? layer = ", "23", "4" },
        { "06-circuits", "Edge? dearest = ", "new Edge(\"embed\", \"L0.v.0\")", "new Edge(\"embed\", \"logits\")" },
    };

    [Theory, MemberData(nameof(Exercises))]
    public async Task An_exercise_tells_right_from_wrong(string name, string question, string right, string wrong)
    {
        foreach (var code in await CodeCells(name))
        {
            await Run(code);
            if (!code.Contains($"{question}null;", StringComparison.Ordinal)) continue;
            Assert.Equal(ExerciseState.Wrong, await Answered(wrong));
            Assert.Equal(ExerciseState.Right, await Answered(right));
            return;

            async Task<ExerciseState> Answered(string answer)
            {
                var shown = await Run(code.Replace($"{question}null;", $"{question}{answer};", StringComparison.Ordinal));
                return Assert.IsType<ExerciseOutcome>(Assert.Single(shown)).State;
            }
        }
        Assert.Fail($"{name} doesn't ask '{question}'.");
    }

    [Fact]
    public async Task The_first_heatmap_shows_what_a_sweep_of_the_library_measures()
    {
        var drawn = new List<Heatmap>();
        foreach (var code in await CodeCells("01-activation-patching")) drawn.AddRange((await Run(code)).OfType<Heatmap>());
        using var model = LanguageModel.Load("../models/mini");
        var pair = PromptPair.FromDefinition(PromptBook.Load("../data/prompts.json").Find("einstein"), model.Tokenizer!);
        var expected = Sweep.Run(model, pair, new SweepOptions { Method = SweepMethod.Naive });
        for (var layer = 0; layer < 8; layer++)
            for (var pos = 0; pos < pair.Clean.Length; pos++)
                Assert.Equal(expected.Score(layer, pos), drawn[0].Score(layer, pos), 1e-4f);
    }

    private static string YourPair(string clean) => $$"""
        book.Find("einstein") with
        {
            Name = "yours", Options = ["Claude Monet", "Isaac Newton", "Taylor Swift"],
            Clean = new PairSide("{{clean}}", " Isaac"), Corrupt = new PairSide("Mary Cassatt", " Claude"),
        }
        """;

    private static IEnumerable<string> Figures(IEnumerable<object?> values) => values.OfType<ResultChart>().Select(chart => chart.ToFigureJson());

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static async Task<IReadOnlyList<string>> CodeCells(string name)
    {
        var kernels = new KernelInfoCollection { new("csharp") };
        var document = await InteractiveDocument.LoadAsync(new FileInfo(Path.Combine(Folder, $"{name}.dib")), kernels);
        return [.. document.Elements.Where(cell => cell.KernelName == "csharp").Select(cell => cell.Contents)];
    }

    /// <summary>Runs a cell, and returns what it ends with.</summary>
    private async Task<IReadOnlyList<object?>> Run(string code)
    {
        var run = await kernel.SendAsync(new SubmitCode(code.Replace("/Release/", $"/{Configuration}/", StringComparison.Ordinal)));
        var failure = run.Events.OfType<CommandFailed>().FirstOrDefault();
        Assert.True(failure is null, $"{failure?.Message}\n{code}");
        object?[] values = [.. run.Events.OfType<ReturnValueProduced>().Select(value => value.Value)];
        return values;
    }
}
