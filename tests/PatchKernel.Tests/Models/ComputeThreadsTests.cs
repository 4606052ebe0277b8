using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Models;

/// <summary>How many threads compute: the number is the process's, so no other test runs beside these.</summary>
[Collection(nameof(Alone))]
public sealed class ComputeThreadsTests : IDisposable
{
    private static readonly ModelConfig Large = ModelSettings.Load(TestData.InRepository("data", "configs", "llama-3.3-70b.json")).Config;

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(OneThread.Variable, "1");
        torch.set_num_threads(1);
    }

    [Fact]
    public void A_large_model_takes_every_core_and_a_small_one_takes_one()
    {
        Environment.SetEnvironmentVariable(OneThread.Variable, null);
        ComputeThreads.Choose(Large);
        Assert.Equal(Environment.ProcessorCount, torch.get_num_threads());
        ComputeThreads.Choose(RandomModel.Config);
        Assert.Equal(1, torch.get_num_threads());
    }

    [Fact]
    public void What_the_environment_says_stays()
    {
        torch.set_num_threads(3);
        ComputeThreads.Choose(Large);
        Assert.Equal(3, torch.get_num_threads());
    }

    [Fact]
    public void Every_core_gives_the_numbers_of_one()
    {
        Environment.SetEnvironmentVariable(OneThread.Variable, null);
        using var model = LanguageModel.Load(TestData.SmolLM2(), device: "cpu");
        var definition = PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find("capital");
        var pair = PromptPair.FromDefinition(definition, model.Tokenizer!);
        torch.set_num_threads(Math.Max(4, Environment.ProcessorCount));
        var many = Sweep.Run(model, pair);
        torch.set_num_threads(1);
        var one = Sweep.Run(model, pair);
        Near.Equal(one.CleanTarget, many.CleanTarget, 2e-4f, "clean target");
        Near.Equal(one.CorruptTarget, many.CorruptTarget, 2e-4f, "corrupt target");
    }
}
