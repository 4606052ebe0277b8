using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Models;

/// <summary>The stages of the model that ships, each wording's measured once.</summary>
internal static class MiniStages
{
    private const int Seed = 1;
    private const int Pairs = 200;

    private static readonly Dictionary<Wording, Lazy<Stages>> ByWording = Wording.All.ToDictionary(wording => wording, wording => new Lazy<Stages>(() => Measure(wording)));

    /// <summary>Over 200 pairs of questions that training never asked.</summary>
    public static Stages Of(Wording wording) => ByWording[wording].Value;

    private static Stages Measure(Wording wording)
    {
        var folder = TestData.InRepository("models", "mini");
        using var model = LanguageModel.Load(folder, device: "cpu");
        var people = People.Load();
        return Stages.Measure(model, new QuestionSource(people, HeldOutPairs.Read(Path.Combine(folder, HeldOutPairs.FileName), people), Seed), wording, Pairs);
    }
}
