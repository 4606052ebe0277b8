using System.Text;
using CsCheck;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Hostile;

/// <summary>GGUF files that somebody else wrote: always one clear sentence, or the tensors that lie where the header says.</summary>
[Collection(nameof(Alone))]
public sealed class HostileGgufTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_header_of_a_small_file(bool scored) => Try(Headers(scored ? GgufBuilder.Scored : GgufBuilder.Llama), [], Trial.Count);

    [Theory, MemberData(nameof(FamilyGguf.Architectures), MemberType = typeof(FamilyGguf))]
    public void Any_header_of_a_family_s_file(string architecture)
    {
        File.WriteAllBytes(folder.File("good.gguf"), FamilyGguf.Of(architecture).Build());
        Assert.Equal(architecture, OpenedModel.Open(folder.File("good.gguf")).Config.Family.Architecture);
        File.Delete(folder.File("good.gguf"));
        Try(Headers(() => FamilyGguf.Of(architecture)), [], Trial.Count / 4);
    }

    [Fact]
    public void Any_byte_of_a_real_file()
    {
        var good = File.ReadAllBytes(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "gguf", "llama3.2-tied-gqa-rope3.gguf"));
        Try(ByteChange.Any(0.01), good, Trial.Count);
    }

    private static Gen<Change<byte[]>> Headers(Func<GgufBuilder> good) =>
        Gen.Select(GgufChange.Any(good).Array[0, 3], ByteChange.Any(0.4).Array[0, 2], (changes, damages) => new Change<byte[]>(
            $"{string.Join("; ", (object[])changes)}; {string.Join("; ", (object[])damages)}", _ => damages.All(changes.All(good()).Build())));

    private void Try(Gen<Change<byte[]>> changes, byte[] good, int count)
    {
        var path = folder.File("some.gguf");
        var tally = new Tally();
        changes.Sample(change =>
        {
            var bytes = change.Apply(good);
            File.Delete(path); // truncating a file makes some file systems wait for the disk
            File.WriteAllBytes(path, bytes);
            tally.Add(Trial.Refusal(path, bytes.Length, () => Check(path, bytes)));
            Assert.Equal(["some.gguf"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
        }, iter: count, threads: 1);
        tally.Check();
    }

    /// <summary>The file opens and runs, its tokenizer is read, and every float32 vector has the bytes of its place.</summary>
    private static void Check(string path, byte[] bytes)
    {
        OpenedModel.Open(path);
        using var checkpoint = Checkpoint.Open(path);
        var places = FloatPlaces(bytes);
        foreach (var weight in WeightLayout.All(checkpoint.Config))
        {
            using var tensor = checkpoint.Read(weight, ScalarType.Float32, CPU);
            Assert.Equal(weight.Shape, tensor.shape);
            if (weight.Shape.Length == 1 && places.TryGetValue(weight.Key, out var at))
                Assert.Equal(bytes.AsSpan(at, (int)weight.Shape[0] * 4).ToArray(), tensor.bytes.ToArray());
        }
        if (checkpoint.HasTokenizer) Assert.All(checkpoint.Tokenizer.Encode("ab"), id => Assert.InRange(id, 0, checkpoint.Tokenizer.VocabularySize - 1));
    }

    /// <summary>Where float32 tensors lie, read with code of its own from a header that is right.</summary>
    private static Dictionary<string, int> FloatPlaces(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        reader.ReadInt64();
        var (tensorCount, keyCount) = (reader.ReadInt64(), reader.ReadInt64());
        var alignment = 32L;
        for (var i = 0; i < keyCount; i++)
        {
            var (key, kind, start) = (Text(), reader.ReadInt32(), reader.BaseStream.Position);
            Skip(kind);
            if (key == "general.alignment") alignment = Whole(kind, bytes.AsSpan((int)start));
        }
        var found = new List<(string Name, long Offset)>();
        for (var i = 0; i < tensorCount; i++)
        {
            var (name, rank) = (Text(), reader.ReadInt32());
            for (var axis = 0; axis < rank; axis++) reader.ReadInt64();
            var (type, offset) = (reader.ReadInt32(), reader.ReadInt64());
            if (type == 0) found.Add((name, offset));
        }
        var data = (reader.BaseStream.Position + alignment - 1) / alignment * alignment;
        return found.ToDictionary(tensor => tensor.Name, tensor => (int)(data + tensor.Offset));

        static long Whole(int kind, ReadOnlySpan<byte> at) => kind switch { 0 or 1 => at[0], 2 or 3 => BitConverter.ToInt16(at), _ => BitConverter.ToInt32(at) };

        string Text() => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadInt64()));

        void Skip(int kind)
        {
            if (kind == 8) Text();
            else if (kind == 9)
            {
                var (element, count) = (reader.ReadInt32(), reader.ReadInt64());
                for (var i = 0; i < count; i++) Skip(element);
            }
            else reader.ReadBytes(kind switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 });
        }
    }
}
