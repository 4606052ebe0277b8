using System.Reflection;

namespace PatchKernel.Tests;

/// <summary>.NET Interactive finds formatters by names alone; this asks for them as it does.</summary>
public sealed class NotebookDisplayTests
{
    public static TheoryData<string> Types => [nameof(SweepResult), nameof(Heatmap)];

    [Theory, MemberData(nameof(Types))]
    public void A_cell_that_ends_with_it_shows_the_chart(string type)
    {
        var html = Format(Value(type), "text/html");
        Assert.Contains("Plotly.newPlot(", html);
        Assert.Contains("Indirect Effects of Residual Layers", html);
    }

    [Theory, MemberData(nameof(Types))]
    public void As_text_it_is_its_line(string type) => Assert.Equal(Value(type).ToString(), Format(Value(type), "text/plain"));

    [Theory, MemberData(nameof(Types))]
    public void Hosts_that_look_for_ToHtml_find_it(string type)
    {
        var method = Value(type).GetType().GetMethod("ToHtml", Type.EmptyTypes);
        Assert.Equal(typeof(string), method?.ReturnType);
    }

    [Theory, MemberData(nameof(Types))]
    public void The_chart_is_what_is_preferred(string type) => Assert.Equal(["text/html"], Get<string[]>(Source(Value(type)), "PreferredMimeTypes"));

    private static object Value(string type) => type == nameof(Heatmap) ? Heatmap.Draw(SampleResults.Small()) : SampleResults.Small();

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
