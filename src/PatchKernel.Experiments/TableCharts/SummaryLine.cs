using PatchKernel.Tables;

namespace PatchKernel.TableCharts;

/// <summary>A line of a chart, with a number for each layer: a role, a head, a position, or a control.</summary>
internal readonly record struct SummaryLine(string? Role, int? Head, int? Pos, bool IsShuffled)
{
    /// <summary>How many curves can be told apart.</summary>
    public static int MostCurves => Theme.AllSeries.Count - 1;

    /// <summary>Whether it is what others are compared with.</summary>
    public bool IsControl => IsShuffled || Role == ControlNames.RandomRole;

    /// <summary>Its name in the chart.</summary>
    public string Name
    {
        get
        {
            var role = Role == ControlNames.RandomRole ? "random position" : Role;
            var place = Head is { } head ? (role is null ? $"{head}" : $"{role}, head {head}") : role ?? $"{Pos}";
            return IsShuffled ? $"{place}, shuffled" : place;
        }
    }

    /// <summary>The line of a row.</summary>
    public static SummaryLine Of(SummaryRow row, bool shuffledApart) => new(row.Role, row.Head, row.Pos, !shuffledApart && row.Source == ControlNames.ShuffledSource);

    /// <summary>The colour of the curves that aren't controls.</summary>
    public static int Series(int curve) => curve < Theme.ControlSeries ? curve : curve + 1;
}
