using System.Globalization;
using Microsoft.Data.Analysis;
using Parquet;
using Parquet.Schema;

namespace PatchKernel.Tables;

/// <summary>A column of a table: its name, its type, and what a row has in it.</summary>
internal abstract class TableColumn<TRow>(string name, bool isRequired)
{
    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>Whether every row has something in it.</summary>
    protected bool IsRequired => isRequired;

    /// <summary>Whether it holds figures, which stand right.</summary>
    public abstract bool IsFigure { get; }

    /// <summary>The column in a Parquet file's schema; a new one, since a schema keeps it.</summary>
    public abstract DataField NewField();

    /// <summary>Writes the column of some rows into a Parquet file.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group, DataField field, IReadOnlyList<TRow> rows);

    /// <summary>What a row has in it as text, numbers so that they read back to the same; null for nothing.</summary>
    public abstract string? Text(TRow row);

    /// <summary>The column of some rows for a data frame.</summary>
    public abstract DataFrameColumn ToFrame(IReadOnlyList<TRow> rows);
}

/// <summary>A column of texts.</summary>
internal sealed class TextColumn<TRow>(string name, Func<TRow, string?> of, bool isRequired = true) : TableColumn<TRow>(name, isRequired)
{
    public override bool IsFigure => false;

    public override DataField NewField() => new DataField<string>(Name, !IsRequired);

    public override Task WriteAsync(ParquetRowGroupWriter group, DataField field, IReadOnlyList<TRow> rows) => group.WriteAsync(field, [.. rows.Select(row => of(row)!)]);

    public override string? Text(TRow row) => of(row);

    public override DataFrameColumn ToFrame(IReadOnlyList<TRow> rows) => new StringDataFrameColumn(Name, rows.Select(row => of(row)!));
}

/// <summary>A column of numbers, or of yes and no.</summary>
internal sealed class ValueColumn<TRow, T>(string name, Func<TRow, T?> of, bool isRequired = true) : TableColumn<TRow>(name, isRequired)
    where T : unmanaged
{
    public override bool IsFigure => typeof(T) != typeof(bool);

    public override DataField NewField() => new DataField<T>(Name, !IsRequired);

    public override Task WriteAsync(ParquetRowGroupWriter group, DataField field, IReadOnlyList<TRow> rows)
    {
        if (!IsRequired) return group.WriteAsync<T>(field, rows.Select(of).ToArray().AsMemory());
        return group.WriteAsync<T>(field, rows.Select(row => of(row)!.Value).ToArray().AsMemory());
    }

    public override string? Text(TRow row) => of(row) switch
    {
        null => null,
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString(),
    };

    public override DataFrameColumn ToFrame(IReadOnlyList<TRow> rows) => rows.Select(of) switch
    {
        IEnumerable<int?> numbers => new Int32DataFrameColumn(Name, numbers),
        IEnumerable<float?> numbers => new SingleDataFrameColumn(Name, numbers),
        IEnumerable<double?> numbers => new DoubleDataFrameColumn(Name, numbers),
        IEnumerable<bool?> truths => new BooleanDataFrameColumn(Name, truths),
        var others => new PrimitiveDataFrameColumn<T>(Name, others),
    };
}
