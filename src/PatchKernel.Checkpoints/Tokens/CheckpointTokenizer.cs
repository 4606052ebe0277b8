using PatchKernel.Gguf;

namespace PatchKernel.Tokens;

/// <summary>A checkpoint's tokenizer, loaded on first use; its warnings are read from its small parts without loading it.</summary>
internal sealed class CheckpointTokenizer
{
    private readonly Lazy<(string? Problem, IReadOnlyList<string> Warnings)> preview;
    private readonly Lazy<(Tokenizer? Tokenizer, PatchKernelException? Error)> loaded;
    private readonly bool isThere;

    /// <param name="isThere">Whether there is a file or an entry that should be one; where there is none, nothing is odd about it.</param>
    /// <param name="look">Reads the small parts.</param>
    /// <param name="load">Loads it.</param>
    private CheckpointTokenizer(bool isThere, Func<IReadOnlyList<string>> look, Func<Tokenizer> load)
    {
        this.isThere = isThere;
        preview = new(() =>
        {
            var (warnings, error) = Try(look);
            return (error?.Message, warnings ?? []);
        });
        loaded = new(() => Try(load));
    }

    /// <summary>The tokenizer of a folder.</summary>
    public static CheckpointTokenizer Of(string folder) => new(
        TokenizerFile.IsIn(folder),
        () => SettingsCheck.Warnings(TokenizerSettings.Read(folder), TokenizerFile.ReadShape(folder)),
        () => Tokenizer.OfFolder(folder));

    /// <summary>The tokenizer of a GGUF file, which has to stay open as long as this is used.</summary>
    public static CheckpointTokenizer Of(GgufMetadata metadata) => new(
        GgufTokenizer.IsIn(metadata),
        () => GgufTokenizer.Problem(metadata) is { } problem ? throw new PatchKernelException(problem) : GgufTokenizer.Warnings(metadata),
        () => Tokenizer.Load(metadata));

    /// <summary>Why there is no tokenizer, in a sentence; null if there is one. Loads it.</summary>
    public string? Problem => loaded.Value.Error?.Message;

    /// <summary>The tokenizer.</summary>
    /// <exception cref="PatchKernelException">There is none that can be used.</exception>
    public Tokenizer Loaded => loaded.Value is { Tokenizer: { } tokenizer } ? tokenizer : throw new PatchKernelException(WithAdvice(Problem!), loaded.Value.Error!);

    /// <summary>Its warnings, or why it can't be used, one sentence each. Doesn't load it.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            if (!isThere) return [];
            // Once it is loaded, faults of the vocabulary are known too, and nothing has to be read for this.
            var (problem, warnings) = loaded.IsValueCreated ? (Problem, loaded.Value.Tokenizer?.Warnings ?? []) : preview.Value;
            return problem is null ? warnings : [WithAdvice(problem)];
        }
    }

    private static string WithAdvice(string problem) =>
        problem.Contains("token ids", StringComparison.Ordinal) ? problem : $"{problem[..^1]}; give token ids instead of texts.";

    private static (T? Value, PatchKernelException? Error) Try<T>(Func<T> read) where T : class
    {
        try
        {
            return (read(), null);
        }
        catch (PatchKernelException e)
        {
            return (null, e);
        }
    }
}
