using PatchKernel.Text;

namespace PatchKernel.Data;

/// <summary>Chooses rows. Draws go by hashes of rows' names, so they are the same everywhere and don't depend on the rows' order.</summary>
internal static class RowDraw
{
    /// <summary>The column that says which part a row is in.</summary>
    public const string SplitColumn = "split";

    private const string Rest = "rest";

    /// <summary>Fails where a selection is out of range.</summary>
    /// <exception cref="PatchKernelException">It is.</exception>
    public static void Check(DataSelection selection)
    {
        if (selection.Skip < 0) throw new PatchKernelException($"{selection.Skip} rows can't be skipped; give a number from 0 on.");
        if (selection.Limit < 1) throw new PatchKernelException($"A limit of {selection.Limit} rows leaves none; give a number from 1 on.");
        if (selection.Sample < 1) throw new PatchKernelException($"A sample of {selection.Sample} rows has none; give a number from 1 on.");
        if (selection.Split is not var (name, share)) return;
        if (string.IsNullOrWhiteSpace(name) || name == Rest) throw new PatchKernelException($"A split needs a name other than '{Rest}', which the other rows have, such as held-out=0.2.");
        if (!(share > 0 && share < 1)) throw new PatchKernelException(FormattableString.Invariant($"A split takes a share between 0 and 1, and {share} isn't; give one such as 0.2."));
    }

    /// <summary>The chosen rows, in their order.</summary>
    /// <exception cref="PatchKernelException">There are fewer than a sample takes, or a part would have none.</exception>
    public static IReadOnlyList<DataRow> Of(IReadOnlyList<DataRow> rows, DataSelection selection, string path)
    {
        if (selection.Split is var (name, share)) rows = Split(rows, name, share, selection.Seed, path);
        if (selection.Skip >= rows.Count) throw new PatchKernelException($"'{path}' has {Excerpt.Count(rows.Count, "row")} to choose from, and skipping {selection.Skip} leaves none; skip fewer.");
        rows = [.. rows.Skip(selection.Skip)];
        if (selection.Sample is { } sample)
        {
            if (sample > rows.Count) throw new PatchKernelException($"A sample of {sample} rows can't be drawn from {(selection.Skip == 0 ? $"the {rows.Count}" : $"{rows.Count} others")} of '{path}'; take fewer.");
            var drawn = Drawn(rows, sample, "sample", selection.Seed);
            rows = [.. rows.Where(row => drawn.Contains(row.Name))];
        }
        return selection.Limit is { } limit ? [.. rows.Take(limit)] : rows;
    }

    private static IReadOnlyList<DataRow> Split(IReadOnlyList<DataRow> rows, string name, double share, int seed, string path)
    {
        var count = (int)Math.Round(share * rows.Count);
        if (count == 0 || count == rows.Count)
            throw new PatchKernelException(FormattableString.Invariant($"A share of {share} of the {rows.Count} rows of '{path}' is {(count == 0 ? "none" : "all")} of them; give another one."));
        var drawn = Drawn(rows, count, "split", seed);
        return [.. rows.Select(row => row with { Columns = new Dictionary<string, string>(row.Columns) { [SplitColumn] = drawn.Contains(row.Name) ? name : Rest } })];
    }

    private static HashSet<string> Drawn(IReadOnlyList<DataRow> rows, int count, string what, int seed) =>
        [.. rows.Select(row => row.Name).OrderBy(name => SeededHash.Of(what, seed, name)).ThenBy(name => name, StringComparer.Ordinal).Take(count)];
}
