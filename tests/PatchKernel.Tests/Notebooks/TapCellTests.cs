extern alias runner;

using Microsoft.DotNet.Interactive.Documents;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>Taps as a reader writes them, in cells that the notebooks' own kernel runs.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class TapCellTests : IDisposable
{
    private static readonly string Load =
        $"""
        using TorchSharp;
        var model = LanguageModel.Load("{TestData.InRepository("models", "mini").Replace('\\', '/')}", device: "cpu");
        var pair = PromptPair.FromDefinition(PromptBook.Load("{TestData.InRepository("data", "prompts.json").Replace('\\', '/')}").Find("einstein"), model.Tokenizer);
        """;

    private readonly TemporaryFolder folder = new();
    private readonly NotebookKernel kernel;

    public TapCellTests() => kernel = new(folder.Path);

    public void Dispose()
    {
        kernel.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("halve a head", "model.Run(pair.Clean, Tap.Replace(Activation.Z, 5, value => value * 0.5, head: 1))", "28 tokens")]
    [InlineData("swap two positions", "model.Run(pair.Clean, Tap.Replace(Activation.ResidPost, 1, value => value.WithPart(14, value.At(19)).WithPart(19, value.At(14))))", "28 tokens")]
    [InlineData("another prompt's layer",
        """
        ActivationValue einstein = null;
        model.Run(pair.Clean, Tap.Read(Activation.ResidPost, 2, value => einstein = value.Keep(), pos: ^1));
        var patched = model.Run(pair.Corrupt, Tap.Put(Activation.ResidPost, 5, ^1, einstein));
        einstein.Dispose();
        patched
        """, "28 tokens")]
    [InlineData("steer",
        """
        ActivationValue physicist = null, singer = null;
        model.Run(pair.Clean, Tap.Read(Activation.ResidPost, 2, value => physicist = value.Keep(), pos: 14));
        model.Run(pair.Corrupt, Tap.Read(Activation.ResidPost, 2, value => singer = value.Keep(), pos: 14));
        model.Predict(pair.Corrupt, Tap.Replace(Activation.ResidPost, 2, value => value + (physicist - singer) * 1.0, pos: 14))
        """, "Isaac")]
    [InlineData("generate under a patch",
        """
        using (var clean = model.RunWithCache(pair.Clean, Activation.ResidPost))
            display(model.Generate(pair.Corrupt, 10, Tap.Put(Activation.ResidPost, 2, 14, clean[Activation.ResidPost, 2])));
        """, "10 new tokens")]
    [InlineData("a value at the end of a cell", "ActivationValue kept = null; model.Run(pair.Clean, Tap.Read(Activation.Q, 0, value => kept = value.Keep())); kept", "The q of layer 0, [1, 28, 4, 32]")]
    public async Task It_runs_in_a_cell(string what, string code, string shown)
    {
        Assert.Null(await RunAsync(Notebook.Setup));
        Assert.Null(await RunAsync(Load));
        var cell = new InteractiveDocumentElement(code, "csharp");
        var error = await kernel.RunAsync(cell, null, CancellationToken.None);
        Assert.True(error is null, $"{what}: {error?.Message}");
        var html = string.Concat(cell.Outputs.Select(output => output switch
        {
            ReturnValueElement value => value.Data["text/html"],
            DisplayElement display => display.Data["text/html"],
            _ => null,
        }));
        Assert.Contains(shown, html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_lambda_that_fails_the_next_cell_works()
    {
        Assert.Null(await RunAsync(Notebook.Setup));
        Assert.Null(await RunAsync(Load));
        var error = await RunAsync("model.Run(pair.Clean, Tap.Replace(Activation.AttnOut, 4, value => value + torch.zeros(5)))");
        Assert.StartsWith("The attn_out of layer 4, [1, 28, 128], + a tensor, [5], can't be computed", error?.Message, StringComparison.Ordinal);
        Assert.Null(await RunAsync("model.Run(pair.Clean, Tap.Replace(Activation.AttnOut, 4, value => value * 0.5))"));
    }

    private Task<CellError?> RunAsync(string code) => kernel.RunAsync(new(code, "csharp"), null, CancellationToken.None);
}
