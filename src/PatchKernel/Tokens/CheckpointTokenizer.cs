namespace PatchKernel;

/// <summary>A checkpoint's tokenizer: loaded when it is first asked for; what is odd about it is read from its small parts before that.</summary>
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

    /// <summary>The tokenizer of a GGUF file, which stays open as long as it may be asked for.</summary>
    public static CheckpointTokenizer Of(GgufMetadata metadata) => new(
        GgufTokenizer.IsIn(metadata),
        () => GgufTokenizer.Problem(metadata) is { } problem ? throw new PatchKernelException(problem) : GgufTokenizer.Warnings(metadata),
        () => Tokenizer.Load(metadata));

    /// <summary>Why there is none, in a sentence; null where there is one. Asking loads it.</summary>
    public string? Problem => loaded.Value.Error?.Message;

    /// <summary>The tokenizer.</summary>
    /// <exception cref="PatchKernelException">There is none that can be used.</exception>
    public Tokenizer Loaded => loaded.Value is { Tokenizer: { } tokenizer } ? tokenizer : throw new PatchKernelException(WithAdvice(Problem!), loaded.Value.Error!);

    /// <summary>What is odd about it, or why it can't be used, one sentence each; doesn't load it.</summary>
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
