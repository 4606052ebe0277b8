namespace PatchKernel.Tables;

/// <summary>Writes results unit by unit.</summary>
internal static class ResultWriter
{
    /// <summary>Writes groups of rows, each a row group, and keeps one at a time.</summary>
    /// <param name="path">The file, Parquet or CSV by its extension; it is written beside and renamed.</param>
    /// <param name="groups">The groups, taken one after another.</param>
    /// <param name="windows">Whether the study has a window other than 1.</param>
    public static void Write(string path, IEnumerable<IReadOnlyList<ResultRow>> groups, bool windows = false) => TableFile.Write(path, ResultColumns.Of(windows), groups);
}

/// <summary>Writes pairs unit by unit.</summary>
internal static class PairWriter
{
    /// <summary>Writes groups of rows, each a row group, and keeps one at a time.</summary>
    /// <param name="path">The file, Parquet or CSV by its extension; it is written beside and renamed.</param>
    /// <param name="groups">The groups, taken one after another.</param>
    /// <param name="columns">The data's further columns, of all groups.</param>
    /// <param name="values">The names of the values, of all groups.</param>
    public static void Write(string path, IEnumerable<IReadOnlyList<PairRow>> groups, IReadOnlyList<string> columns, IReadOnlyList<string> values) =>
        TableFile.Write(path, PairColumns.Of(columns, values), groups);
}
