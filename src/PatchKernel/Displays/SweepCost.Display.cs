using PatchKernel.Costs;
using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class SweepCost : IShowsHtml
{
    /// <summary>A table of two columns: all weights in memory, and streamed.</summary>
    public string ToHtml() => Html.Frame(
        [.. Title.Select(line => Html.Line(Html.Text(line))), HtmlTable.Of([new(""), new(""), new("resident", IsFigure: true), new("streamed", IsFigure: true)], Rows.Select(row => HtmlTable.Texts(row)))]);

    /// <summary>The same table as text.</summary>
    public override string ToString() => string.Join('\n', [.. Title, .. TextTable.Lines([["", "", "resident", "streamed"], .. Rows], figures: [2, 3])]);

    private string[] Title =>
    [
        FormattableString.Invariant($"{Model.Name}, {ModelTree.Of(Config).Parameters:N0} parameters: one sweep of {Site.Name()} in {Dtype},"),
        FormattableString.Invariant($"{Tokens} tokens, first difference at {FirstDifference}, {Cells:N0} cells"),
    ];

    // Of what, and how: the first is written once for the rows that share it.
    private IEnumerable<string[]> Rows =>
    [
        Row("memory", "weights", footprint => footprint.Weights),
        Row("", "the sweep's own", footprint => footprint.Workspace),
        Row("", "the process", footprint => footprint.Process),
        Row("", "in all", footprint => footprint.Memory),
        Row("disk", "checkpoint", _ => Model.StoredBytes),
        Row("", "read to load", footprint => footprint.ReadToLoad),
        Row("", "read a sweep", footprint => footprint.ReadPerSweep),
        ["work", "wavefront", FlopCount.Text(Flop), FlopCount.Text(Flop)],
        ["", "one forward a cell", FlopCount.Text(NaiveFlop), FlopCount.Text(NaiveFlop)],
    ];

    private string[] Row(string what, string name, Func<SweepFootprint, long> of) =>
        [what, name, ByteCount.Text(of(Resident)), ByteCount.Text(of(Streamed))];
}
