using PatchKernel.Text;

namespace PatchKernel.Data;

/// <summary>The columns whose names mean something.</summary>
internal static class RowColumns
{
    private static readonly string[] Known = ["clean", "corrupt", "clean_target", "clean_targets", "corrupt_target", "corrupt_targets"];

    /// <summary>The column that names rows: <c>id</c>, else <c>name</c>; null where there is neither.</summary>
    public static string? IdOf(OrderedDictionary<string, DataCell> cells) => cells.ContainsKey("id") ? "id" : cells.ContainsKey("name") ? "name" : null;

    /// <summary>Whether a column is read and not kept.</summary>
    public static bool IsKnown(string column, string? id) => column == id || Known.Contains(column);

    /// <summary>A column's value; null where it is missing or empty.</summary>
    public static DataCell? Find(OrderedDictionary<string, DataCell> cells, string column) => cells.TryGetValue(column, out var cell) && !cell.IsEmpty ? cell : null;

    /// <summary>The fault of a row that lacks a column, with the name that may have been meant by it.</summary>
    public static RowFault Missing(OrderedDictionary<string, DataCell> cells, params IReadOnlyList<string> columns) => columns.FirstOrDefault(cells.ContainsKey) is { } empty
        ? new($"'{empty}' is empty")
        : new($"it has no '{columns[0]}'{Near(columns[0], cells.Keys)}");

    /// <summary>Fails where a table's head lacks a column that every row needs.</summary>
    /// <exception cref="RowFault">It does.</exception>
    public static void CheckHead(IReadOnlyList<string> head)
    {
        string[][] needed = [head.Contains("template") ? ["template"] : ["clean"], head.Contains("template") ? ["template"] : ["corrupt"], ["clean_target", "clean_targets"], ["corrupt_target", "corrupt_targets"]];
        foreach (var columns in needed)
            if (!columns.Any(head.Contains)) throw new RowFault($"there is no column '{columns[0]}'{Near(columns[0], head)}; the columns are {Excerpt.List(head, name => $"'{Excerpt.Text(name)}'")}");
    }

    /// <summary>What somebody may have called a column, as a part of a sentence; empty where nothing is near.</summary>
    public static string Near(string column, IEnumerable<string> names) =>
        NearNames.Of(column, names.Where(name => !Known.Contains(name)), 1) is [var near] ? $" (is '{Excerpt.Text(near)}' meant for it?)" : "";
}
