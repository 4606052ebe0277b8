namespace PatchKernel.Tables;

/// <summary>The rows of a file, one after another.</summary>
internal interface ITableRows : IDisposable
{
    /// <summary>The columns' names.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>How many rows there are; null where that takes reading them.</summary>
    long? Count { get; }

    /// <summary>Where the current row is, such as <c>line 12</c>.</summary>
    string Place { get; }

    /// <summary>Goes to the next row; false after the last.</summary>
    bool Next();

    /// <summary>What the current row has in a column, as text; null for nothing.</summary>
    string? Text(int column);

    /// <summary>The current row's number in a column; null for nothing.</summary>
    /// <exception cref="FormatException">It isn't a number.</exception>
    double? Number(int column);
}
