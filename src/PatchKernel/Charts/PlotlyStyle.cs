using Microsoft.FSharp.Core;
using Plotly.NET;

namespace PatchKernel.Charts;

/// <summary>Plotly.NET's F# styles from C#.</summary>
internal static class PlotlyStyle
{
    /// <summary>Applies one of Plotly.NET's styles, <c>Plotly.NET.Chart.with…</c>.</summary>
    public static GenericChart With(this GenericChart figure, FSharpFunc<GenericChart, GenericChart> style) => style.Invoke(figure);

    /// <summary>Sets what no method of Plotly.NET's can be asked for from C#.</summary>
    /// <remarks>Since 6.0.0 its <c>init</c> methods have no optional parameters outside F#; <c>LinearAxis.init</c> has 87.</remarks>
    public static T Set<T>(this T owner, params IEnumerable<(string Property, object? Value)> settings)
        where T : DynamicObj.DynamicObj
    {
        foreach (var (property, value) in settings) owner.SetProperty(property, value);
        return owner;
    }

    /// <summary>The same for the traces of a new chart.</summary>
    public static GenericChart SetTraces(this GenericChart figure, params IEnumerable<(string Property, object? Value)> settings)
    {
        foreach (var trace in GenericChart.getTraces(figure)) trace.Set(settings);
        return figure;
    }

    /// <summary>A colour, as CSS writes it.</summary>
    public static Color Colour(Rgb colour) => Color.fromString(colour.Hex);

    /// <summary>Numbers; null for those that JSON can't hold.</summary>
    public static IEnumerable<IConvertible> Numbers(IEnumerable<float> values) => values.Select(value => ((IConvertible?)PlotlyFigure.OrNull(value))!);
}
