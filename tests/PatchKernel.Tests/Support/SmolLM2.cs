namespace PatchKernel.Tests;

/// <summary>SmolLM2-135M-Instruct in float32, loaded once for the tests of a class.</summary>
public sealed class SmolLM2 : IDisposable
{
    private LanguageModel? model;

    /// <summary>The model; the test is skipped where it isn't at hand.</summary>
    public LanguageModel Model => model ??= LanguageModel.Load(TestData.SmolLM2(), device: "cpu");

    public void Dispose() => model?.Dispose();
}
