using System.Globalization;
using Parquet;
using Parquet.Schema;
using PatchKernel.Files;

namespace PatchKernel.Tables;

/// <summary>The rows of a Parquet file, whoever wrote it: one row group is in memory, and of it the columns that were asked for.</summary>
internal sealed class ParquetRows : ITableRows
{
    private readonly string path;
    private readonly FileStream stream;
    private readonly ParquetReader reader;
    private readonly DataField[] fields;
    private readonly object?[] columns;
    private ParquetRowGroupReader? group;
    private int next, row, count;
    private long before;

    public ParquetRows(string path)
    {
        this.path = path;
        stream = InputFile.Open(path);
        try
        {
            reader = Try(() => Waiting.For(() => ParquetReader.CreateAsync(stream, leaveStreamOpen: true)));
            fields = [.. Try(() => reader.Schema.DataFields).Where(field => field.Path.Length == 1 && !field.IsArray)];
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        (Columns, columns, row) = ([.. fields.Select(field => field.Name)], new object?[fields.Length], -1);
    }

    public IReadOnlyList<string> Columns { get; }

    public long? Count => Try(() => reader.Metadata!.NumRows);

    public string Place => FormattableString.Invariant($"row {before + row + 1}");

    public bool Next()
    {
        while (++row >= count)
        {
            group?.Dispose();
            group = null;
            if (next == reader.RowGroupCount) return false;
            before += count;
            group = Try(() => reader.OpenRowGroupReader(next++));
            (count, row) = (Try(() => checked((int)group.RowCount)), -1);
            Array.Clear(columns);
        }
        return true;
    }

    public string? Text(int column) => Column(column) switch
    {
        string?[] texts => texts[row],
        double?[] numbers => numbers[row]?.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    public double? Number(int column) => Column(column) is double?[] numbers ? numbers[row] : throw new FormatException();

    public void Dispose()
    {
        group?.Dispose();
        Waiting.For(async () => await reader.DisposeAsync().ConfigureAwait(false));
        stream.Dispose();
    }

    private object Column(int column) => columns[column] ??= Try(() => Waiting.For(() => ReadAsync(fields[column])));

    private async Task<object> ReadAsync(DataField field)
    {
        if (field.ClrType != typeof(ReadOnlyMemory<char>)) return await NumbersAsync(field).ConfigureAwait(false);
        var texts = new string?[count];
        await group!.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
        return texts;
    }

    private Task<double?[]> NumbersAsync(DataField field) => Type.GetTypeCode(field.ClrType) switch
    {
        TypeCode.Single => NumbersAsync<float>(field, value => value),
        TypeCode.Double => NumbersAsync<double>(field, value => value),
        TypeCode.Int32 => NumbersAsync<int>(field, value => value),
        TypeCode.Int64 => NumbersAsync<long>(field, value => value),
        TypeCode.Boolean => NumbersAsync<bool>(field, value => value ? 1 : 0),
        TypeCode.Int16 => NumbersAsync<short>(field, value => value),
        TypeCode.SByte => NumbersAsync<sbyte>(field, value => value),
        TypeCode.Byte => NumbersAsync<byte>(field, value => value),
        TypeCode.UInt16 => NumbersAsync<ushort>(field, value => value),
        TypeCode.UInt32 => NumbersAsync<uint>(field, value => value),
        TypeCode.UInt64 => NumbersAsync<ulong>(field, value => value),
        _ => throw new FileFaultException($"the column \"{field.Name}\" holds neither texts nor numbers"),
    };

    private async Task<double?[]> NumbersAsync<T>(DataField field, Func<T, double> number)
        where T : unmanaged
    {
        if (field.IsNullable)
        {
            var some = new T?[count];
            await group!.ReadAsync<T>(field, some.AsMemory()).ConfigureAwait(false);
            return Array.ConvertAll(some, value => value is { } given ? number(given) : (double?)null);
        }
        var all = new T[count];
        await group!.ReadAsync<T>(field, all.AsMemory()).ConfigureAwait(false);
        return Array.ConvertAll(all, value => (double?)number(value));
    }

    // The library throws whatever a broken file leads it into.
    private T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FileFaultException e)
        {
            throw new PatchKernelException($"'{path}' can't be read: {e.Message}.", e);
        }
        catch (Exception e) when (e is not PatchKernelException)
        {
            throw new PatchKernelException($"'{path}' can't be read as a Parquet file: it is broken, or has a part that isn't supported. Write it again.", e);
        }
    }
}
