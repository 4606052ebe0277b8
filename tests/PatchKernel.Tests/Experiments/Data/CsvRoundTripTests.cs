using System.Text;
using System.Text.Json;
using CsCheck;
using CsvHelper;

namespace PatchKernel.Tests.Experiments;

/// <summary>Whatever texts another program writes come back as they were.</summary>
public sealed class CsvRoundTripTests
{
    private static readonly Gen<string> Texts = Gen.OneOf<string>(
        Gen.OneOf("a", " b", "\"", "\"\"", ",", ";", "\t", "\n", "\r\n", "\r", "{x}", "[[1]]", "[\"", "é", "😀", "\uFEFF", "NaN ", "#", "=1", "\\", "\0", "  "),
        Gen.String[Gen.Char['\u0020', '\u024F'], 1, 12]).List[1, 5].Select(string.Concat);

    private static readonly Gen<(string Clean, string Target, string Further)[]> Rows = Gen.Select(Texts, Texts, Gen.OneOf<string>(Texts, Gen.Const(""))).Array[1, 6];

    [Fact]
    public void Quoted_by_hand() => Rows.Sample(rows => Check(rows, ",", "\n", field => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""), iter: 300);

    [Fact]
    public void Written_by_a_library() => Rows.Sample(rows =>
    {
        using var text = new StringWriter();
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { HasHeader = false }, leaveOpen: true))
            foreach (var row in Table(rows)) csv.WriteRecord(row);
        Check(rows, "a.csv", text.ToString());
    }, iter: 300);

    [Fact]
    public void As_JSON_lines() => Rows.Sample(rows =>
    {
        var table = Table(rows).ToList();
        Check(rows, "a.jsonl", string.Join('\n', table.Skip(1).Select(row => JsonSerializer.Serialize(table[0].Zip(row).ToDictionary(pair => pair.First, pair => pair.Second)))));
    }, iter: 300);

    private static IEnumerable<string[]> Table((string Clean, string Target, string Further)[] rows) =>
        [["clean", "corrupt", "clean_target", "corrupt_target", "further"], .. rows.Select(row => new[] { row.Clean, row.Clean + "!", row.Target, row.Target + "?", row.Further })];

    private static void Check((string Clean, string Target, string Further)[] rows, string separator, string end, Func<string, string> quote) =>
        Check(rows, "a.csv", string.Concat(Table(rows).Select(row => string.Join(separator, row.Select(quote)) + end)));

    private static void Check((string Clean, string Target, string Further)[] rows, string name, string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        // A further text may read like ranges, and rightly be refused; the others have to come back.
        if (rows.Any(row => PatchKernel.Data.SpanCells.Looks(new(row.Further)))) return;
        var read = ExperimentData.Load(folder.File(name)).Rows;
        Assert.Equal(rows.Select(row => (row.Clean, row.Clean + "!", row.Target, row.Further)), read.Select(row => (row.Clean, row.Corrupt, row.CleanTargets.Single(), row.Columns["further"])));
    }
}
