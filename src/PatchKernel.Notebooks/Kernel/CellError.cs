using System.Reflection;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Events;

namespace PatchKernel.Notebooks;

/// <summary>Why a cell failed: the exception's name, and one sentence.</summary>
internal sealed record CellError(string Name, string Message)
{
    public const string Stopped = "Stopped";

    private const string Library = "PatchKernel.dll";

    /// <summary>A cell that was stopped.</summary>
    public static CellError OfStop { get; } = new(Stopped, "The cell was stopped before its end.");

    /// <summary>The sentence for a failed command.</summary>
    public static CellError Of(CommandFailed failure) => failure.Exception switch
    {
        CodeSubmissionCompilationErrorException => new("CompilationError", Compilation(failure.Message)),
        { } thrown => Thrown(Innermost(thrown)),
        null => new("CommandFailed", FirstLine(failure.Message)),
    };

    // Wrappers say nothing; what they wrap does.
    private static Exception Innermost(Exception e) => e switch
    {
        TargetInvocationException { InnerException: { } inner } => Innermost(inner),
        AggregateException { InnerExceptions: [var inner] } => Innermost(inner),
        _ => e,
    };

    private static CellError Thrown(Exception e)
    {
        // The library's own type is another assembly's here, and its message is a sentence already.
        var name = e.GetType().Name;
        if (e is OperationCanceledException) return OfStop;
        return name == nameof(PatchKernelException) ? new(name, e.Message) : new(name, $"{name}: {FirstLine(e.Message)}");
    }

    /// <summary>The first error of the compiler, which reads <c>(line,column): error CODE: what is wrong</c>.</summary>
    private static string Compilation(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var errors = lines.Where(line => line.Contains(": error ", StringComparison.Ordinal)).ToArray();
        if (errors.Length == 0) return FirstLine(message);
        if (errors.Select(MissingFile).FirstOrDefault(missing => missing is not null) is { } reference) return Unfound(reference);
        var others = errors.Length == 1 ? "" : $" (and {errors.Length - 1} more)";
        var parts = errors[0].Split(": error ", 2);
        var place = parts[0].Trim('(', ')').Split(',');
        return place.Length == 2 ? $"line {place[0]}, column {place[1]}: {parts[1]}{others}" : $"{parts[1]}{others}";
    }

    /// <summary>What an #r line names that isn't there: the compiler says <c>error CS0006: Metadata file '…' could not be found</c>.</summary>
    private static string? MissingFile(string error) =>
        error.Split("CS0006", 2) is [_, var rest] && rest.Split('\'') is [_, .. var quoted, _] ? string.Join('\'', quoted) : null;

    private static string Unfound(string reference)
    {
        if (reference.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase))
            return $"#r \"{reference}\" can't be followed, since no packages are restored here: build a project that has the package, and name its .dll after #r, "
                + "or run the notebook in VS Code or Jupyter.";
        return Path.GetFileName(reference.Replace('\\', '/')) == Library
            ? $"{Library} isn't where the #r line looks: build it with `dotnet build -c Release` in the repository's root, then run this cell again."
            : $"'{reference}' isn't where the #r line looks: paths begin in the notebook's folder, '{Environment.CurrentDirectory}'.";
    }

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd('\r');
}
