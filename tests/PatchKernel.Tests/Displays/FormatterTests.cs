using System.Reflection;

namespace PatchKernel.Tests;

/// <summary>.NET Interactive finds formatters by names alone; this asks for them as it does.</summary>
public sealed class FormatterTests : IDisposable
{
    private readonly LanguageModel model = RandomModel.Create();

    public static TheoryData<string> Types { get; } =
    [
        nameof(SweepResult), nameof(Heatmap), nameof(Heatmaps), nameof(SweepAverage), nameof(LogitLens), nameof(PromptPair), nameof(Prompt), nameof(PairCheck),
        nameof(PromptBook), nameof(PairDefinition), nameof(Baseline), nameof(RunSummary), nameof(Prediction), nameof(CachedRun), nameof(ModelRun), nameof(Generation), nameof(ActivationValue), nameof(LanguageModel),
        nameof(ModelTree), nameof(DeviceMap), nameof(SweepCost), nameof(ProgressLine), nameof(NotebookStart),
    ];

    public void Dispose() => model.Dispose();

    [Theory, MemberData(nameof(Types))]
    public void A_cell_that_ends_with_it_shows_HTML(string type)
    {
        var html = Format(Value(type), "text/html");
        Assert.StartsWith("<div", html);
        Assert.Equal(html.Split("<div").Length, html.Split("</div>").Length);
    }

    [Theory, MemberData(nameof(Types))]
    public void Nothing_is_loaded_from_elsewhere(string type)
    {
        var html = ChartHtml.WithoutPlotly(Format(Value(type), "text/html"));
        Assert.DoesNotContain("http", html);
        Assert.DoesNotContain("src=\"", html.Replace("src=\"data:image/png;base64,", ""));
    }

    [Theory, MemberData(nameof(Types))]
    public void As_text_it_says_something_of_its_own(string type)
    {
        var text = Format(Value(type), "text/plain");
        Assert.Equal(Value(type).ToString(), text);
        Assert.DoesNotContain("PatchKernel.", text);
        Assert.DoesNotContain(" { ", text);
    }

    [Theory, MemberData(nameof(Types))]
    public void Hosts_that_look_for_ToHtml_find_it(string type)
    {
        var method = Value(type).GetType().GetMethod("ToHtml", Type.EmptyTypes);
        Assert.Equal(typeof(string), method?.ReturnType);
    }

    [Theory, MemberData(nameof(Types))]
    public void HTML_is_what_is_preferred(string type) => Assert.Equal(["text/html"], Get<string[]>(Source(Value(type)), "PreferredMimeTypes"));

    private object Value(string type) => type switch
    {
        nameof(SweepResult) => SampleResults.Small(),
        nameof(Heatmap) => Heatmap.Draw(SampleResults.Small()),
        nameof(Heatmaps) => Heatmaps.Draw(SampleResults.Small(), SampleResults.Small(site: Activation.MlpOut)),
        nameof(SweepAverage) => SweepAverage.Of(SampleResults.Small(), SampleResults.Small()),
        nameof(LogitLens) => LogitLens.Run(model, RandomModel.Pair),
        nameof(PromptPair) => SampleResults.Small().Pair,
        nameof(Prompt) => SampleResults.Small().Pair.Clean,
        nameof(PromptBook) => Book,
        nameof(PairDefinition) => Book.Pairs[0],
        nameof(PairCheck) => PairCheck.Run(SampleResults.Small().Pair),
        nameof(Baseline) => Baseline.Run(model, RandomModel.Pair),
        nameof(RunSummary) => Baseline.Run(model, RandomModel.Pair).Clean,
        nameof(Prediction) => model.Predict(RandomModel.Pair.Clean),
        nameof(CachedRun) => Disposed(model.RunWithCache(RandomModel.Pair.Clean)),
        nameof(ModelRun) => model.Run(RandomModel.Pair.Clean),
        nameof(Generation) => model.Generate(RandomModel.Pair.Clean, 3),
        nameof(ActivationValue) => Kept(),
        nameof(LanguageModel) => model,
        nameof(ModelTree) => ModelTree.Of(RandomModel.Config),
        nameof(DeviceMap) => model.DeviceMap,
        nameof(SweepCost) => SweepCost.Of(ModelSettings.Load(CliRun.Tiny), 8),
        nameof(ProgressLine) => new ProgressLine("Sweep", _ => { }),
        _ => Notebook.Start(),
    };

    private static PromptBook Book => PromptBook.Load(TestData.InRepository("data", "prompts.json"));

    private ActivationValue Kept()
    {
        ActivationValue? kept = null;
        model.Run(RandomModel.Pair.Clean, Tap.Read(Activation.Z, 1, value => kept = value.Keep()));
        using (kept) return kept!;
    }

    private static CachedRun Disposed(CachedRun run)
    {
        run.Dispose();
        return run;
    }

    private static object Source(object value) =>
        value.GetType().GetCustomAttributes(inherit: true).Single(attribute => attribute.GetType().Name == "TypeFormatterSourceAttribute");

    private static string Format(object value, string mimeType)
    {
        var source = Activator.CreateInstance(Get<Type>(Source(value), "FormatterSourceType"))!;
        var formatters = (IEnumerable<object>)source.GetType().GetMethod("CreateTypeFormatters")!.Invoke(source, null)!;
        var formatter = formatters.Single(formatter => Get<string>(formatter, "MimeType") == mimeType);
        using var writer = new StringWriter();
        var format = formatter.GetType().GetMethod("Format", BindingFlags.Public | BindingFlags.Instance)!;
        Assert.True((bool)format.Invoke(formatter, [value, writer])!);
        return writer.ToString();
    }

    private static T Get<T>(object owner, string property) => (T)owner.GetType().GetProperty(property)!.GetValue(owner)!;
}
