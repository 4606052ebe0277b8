using CsCheck;

namespace PatchKernel.Tests.Hostile;

/// <summary>Files that somebody else wrote, changed in every way: always one clear sentence or the right result.</summary>
/// <remarks>
/// The right result: a model whose config reads as before has the same logits to the bit; one with other constants has logits that are numbers; every weight
/// has the bytes of the place that its header gives it. A tokenizer gives ids that have tokens, and they spell the text.
/// </remarks>
[Collection(nameof(Alone))]
public sealed class HostileFileTests
{
    private static string Tiny(string name) => TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", name);

    /// <summary>Tries changes of one file of a folder; some must open and some must not, or they try nothing.</summary>
    private static void Try(string source, string name, Func<HostileFolder, Gen<Change<byte[]>>> changes, Action<HostileFolder, byte[]> check) =>
        Try(source, name, changes, check, Trial.Count);

    private static void Try(string source, string name, Func<HostileFolder, Gen<Change<byte[]>>> changes, Action<HostileFolder, byte[]> check, int count)
    {
        using var folder = new HostileFolder(source);
        var good = File.ReadAllBytes(folder.InFolder(name));
        var tally = new Tally();
        changes(folder).Array[1, 2].Sample(some =>
        {
            var bytes = some.All(good);
            folder.Write(name, bytes);
            var size = Directory.EnumerateFiles(folder.Path).Sum(path => new FileInfo(path).Length);
            tally.Add(Trial.Refusal(folder.Path, size, () => check(folder, bytes)));
            folder.CheckOutside();
        }, iter: count, threads: 1, print: some => string.Join("; ", (object[])some));
        tally.Check();
    }

    [Theory]
    [InlineData("llama3.2-tied-gqa-rope3")]
    [InlineData("head-dim-and-biases")]
    public void Any_config(string name)
    {
        var good = OpenedModel.Open(Tiny(name));
        Try(Tiny(name), "config.json", _ => JsonChange.Any(HostileValues.OfConfig), (folder, _) => good.CheckSame(OpenedModel.Open(folder.Path)));
    }

    [Theory, MemberData(nameof(TinyCase.OfFamilies), MemberType = typeof(TinyCase))]
    public void Any_config_of_a_family(string name)
    {
        var source = TinyCase.Folder(name);
        var good = OpenedModel.Open(source);
        Try(source, "config.json", _ => JsonChange.Any(HostileValues.OfFamilies), (folder, _) => good.CheckSame(OpenedModel.Open(folder.Path)), Trial.Count / 4);
    }

    [Fact]
    public void Any_index()
    {
        var good = OpenedModel.Open(Tiny("sharded-bf16"));
        // Every name has one place, so what opens is the model.
        Try(Tiny("sharded-bf16"), "model.safetensors.index.json", folder => JsonChange.Any(HostileValues.OfIndex(folder.Tricks)),
            (folder, _) => Assert.Equal(good.LogitBits, OpenedModel.Open(folder.Path).LogitBits));
    }

    [Theory]
    [InlineData("llama3.2-tied-gqa-rope3")]
    [InlineData("head-dim-and-biases")]
    public void Any_safetensors_header(string name)
    {
        var ofHeader = JsonChange.Any(HostileValues.OfHeader)
            .Select(change => new Change<byte[]>(change.What, file => WithHeader(file, change.Apply)));
        var ofLength = Gen.OneOf(ByteChange.Telling, Gen.ULong[0, 20_000]).Select(length => new Change<byte[]>(
            $"a header of {length}", file => [.. BitConverter.GetBytes(length), .. file.AsSpan(Math.Min(8, file.Length))]));
        var ofSize = Gen.Int[-1, 1].Select(more => new Change<byte[]>(
            $"a header of the file's size and {more}", file => [.. BitConverter.GetBytes((long)file.Length + more), .. file.AsSpan(Math.Min(8, file.Length))]));
        Try(Tiny(name), "model.safetensors", _ => Gen.Frequency((6, ofHeader), (1, ofLength), (1, ofSize), (3, ByteChange.Any(0.03))), (folder, bytes) =>
        {
            OpenedModel.Open(folder.Path);
            OpenedModel.CheckBytes(folder.Path, bytes);
        });
    }

    /// <summary>The file with another header and that one's length; as it is where an earlier change left no header.</summary>
    private static byte[] WithHeader(byte[] file, Func<byte[], byte[]> change)
    {
        if (file.Length < 8 || BitConverter.ToInt64(file) is var length && (length < 0 || length > file.Length - 8)) return file;
        var header = change(file[8..(8 + (int)length)]);
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. file[(8 + (int)length)..]];
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("steps")]
    [InlineData("words")]
    [InlineData("added-tokens")]
    [InlineData("gemma-like")]
    [InlineData("gpt2-like")]
    [InlineData("llama2-like")]
    [InlineData("mistral-like")]
    [InlineData("neox-like")]
    [InlineData("olmo-like")]
    [InlineData("phi3-like")]
    [InlineData("qwen-like")]
    public void Any_tokenizer(string kind)
    {
        var (good, texts) = HostileTokenizer.Of(kind);
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        File.WriteAllBytes(path, good);
        var before = texts.Select(text => Tokenizer.Load(path).Encode(text)).ToArray();
        var tally = new Tally();
        JsonChange.Any(HostileValues.OfTokenizer).Array[1, 2].Sample(some =>
        {
            var bytes = some.All(good);
            File.Delete(path);
            File.WriteAllBytes(path, bytes);
            tally.Add(Trial.Refusal(path, bytes.Length, () => HostileTokenizer.Check(path, texts, before, good)));
        }, iter: Trial.Count, threads: 1, print: some => string.Join("; ", (object[])some));
        tally.Check();
    }
}
