using System.IO.Compression;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace PatchKernel.Tables;

/// <summary>Writes Parquet: the same rows give the same bytes.</summary>
internal static class ParquetTable
{
    /// <summary>Writes groups of rows, one row group each, and keeps none in memory.</summary>
    public static void Write<TRow>(Stream stream, IReadOnlyList<TableColumn<TRow>> columns, IEnumerable<IReadOnlyList<TRow>> groups)
    {
        DataField[] fields = [.. columns.Select(column => column.NewField())];
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Optimal };
        foreach (var field in fields)
            if (field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(string)) options.ColumnEncodingHints[$"{field.Path}"] = EncodingHint.Dictionary;
        var writer = Waiting.For(() => ParquetWriter.CreateAsync(new ParquetSchema(fields), new CountedStream(stream), options));
        try
        {
            foreach (var rows in groups)
                if (rows.Count > 0) Waiting.For(() => WriteAsync(writer, columns, fields, rows));
        }
        finally
        {
            Waiting.For(async () => await writer.DisposeAsync().ConfigureAwait(false));
        }
    }

    private static async Task WriteAsync<TRow>(ParquetWriter writer, IReadOnlyList<TableColumn<TRow>> columns, DataField[] fields, IReadOnlyList<TRow> rows)
    {
        using var group = writer.CreateRowGroup();
        for (var i = 0; i < fields.Length; i++) await columns[i].WriteAsync(group, fields[i], rows).ConfigureAwait(false);
        foreach (var chunk in GroupOf(group).Columns)
            if (chunk.MetaData is { Type: not Parquet.Meta.Type.INT32, Statistics: { } statistics })
                (statistics.Min, statistics.Max, statistics.MinValue, statistics.MaxValue) = (null, null, null, null);
    }

    // Readers skip a group whose lowest and highest value rule it out. The library orders texts by their UTF-16 units, readers by their bytes, and NaN
    // is beyond either end: a query for "😀" or NaN found nothing. So those two aren't said of texts and numbers with a point.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_owGroup")]
    private static extern ref RowGroup GroupOf(ParquetRowGroupWriter writer);

    /// <summary>Counts what was written, since a pipe doesn't know.</summary>
    private sealed class CountedStream(Stream inner) : Stream
    {
        private long written;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => written;

        public override long Position
        {
            get => written;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            inner.Write(buffer, offset, count);
            written += count;
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
