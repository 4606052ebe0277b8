namespace PatchKernel.Tests.Checkpoints;

/// <summary>Models in several GGUF files, as llama-gguf-split of today and of March 2024 names and marks them.</summary>
public sealed class GgufSplitTests : IDisposable
{
    private static readonly int[] Ids = [1, 2, 3];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Writes the model in parts, each with some of its tensors.</summary>
    private string[] Write(bool older, int[] tensorsOfPart, string name = "small", Action<int, GgufBuilder>? change = null)
    {
        var whole = GgufBuilder.Llama();
        var (paths, from) = (new List<string>(), 0);
        for (var number = 0; number < tensorsOfPart.Length; number++)
        {
            var part = new GgufBuilder();
            if (number == 0) part.Keys.AddRange(whole.Keys);
            if (older) part.Set("general.split", (byte)number).Set("general.split_count", (byte)tensorsOfPart.Length);
            else part.Set("split.no", (ushort)number).Set("split.count", (ushort)tensorsOfPart.Length).Set("split.tensors.count", whole.Tensors.Count);
            part.Tensors.AddRange(whole.Tensors.Skip(from).Take(tensorsOfPart[number]));
            from += tensorsOfPart[number];
            change?.Invoke(number, part);
            paths.Add(folder.File($"{name}-{number + 1:D5}-of-{tensorsOfPart.Length:D5}.gguf"));
            File.WriteAllBytes(paths[^1], part.Build());
        }
        Assert.Equal(whole.Tensors.Count, from);
        return [.. paths];
    }

    private static string Refusal(string path) => Assert.Throws<PatchKernelException>(() => Checkpoint.Open(path)).Message;

    [Theory]
    [InlineData(false, new[] { 5, 7 })]
    [InlineData(true, new[] { 5, 7 })]
    [InlineData(false, new[] { 0, 6, 1, 5 })]
    [InlineData(true, new[] { 4, 4, 4 })]
    public void All_parts_are_one_model_whichever_is_named(bool older, int[] tensorsOfPart)
    {
        File.WriteAllBytes(folder.File("whole.gguf"), GgufBuilder.Llama().Build());
        using var whole = LanguageModel.Load(folder.File("whole.gguf"), device: "cpu");
        foreach (var path in Write(older, tensorsOfPart))
            foreach (var residency in (Residency[])[Residency.All, Residency.Streamed])
            {
                using var model = LanguageModel.Load(path, device: "cpu", residency: residency);
                Assert.Equal("small", model.Name);
                Assert.Empty(model.Warnings);
                Assert.Equal(whole.NextTokenLogits(Ids), model.NextTokenLogits(Ids));
                Assert.Equal(whole.Tokenizer!.Encode("abc ab"), model.Tokenizer!.Encode("abc ab"));
            }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_part_alone_says_which_it_is_and_what_is_missing(bool older)
    {
        var paths = Write(older, [4, 4, 4]);
        File.Delete(paths[0]);
        File.Delete(paths[2]);
        Assert.Equal(
            $"'{paths[1]}' is part 2 of 3 of a split model, and others aren't beside it: small-00001-of-00003.gguf, small-00003-of-00003.gguf; put all parts into one folder.",
            Refusal(paths[1]));
    }

    [Theory, InlineData("part.gguf"), InlineData("small-00001-of-00002.gguf"), InlineData("small-00002-of-00003.gguf"), InlineData("small-2-of-2.gguf")]
    public void A_part_under_another_name_says_what_it_was_called(string name)
    {
        var paths = Write(older: false, [5, 7]);
        File.Delete(paths[0]);
        File.Move(paths[1], folder.File(name));
        Assert.EndsWith("which ends in -00002-of-00002.gguf.", Refusal(folder.File(name)), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_that_do_not_belong_together_are_refused()
    {
        var paths = Write(older: false, [5, 7], change: (number, part) =>
        {
            if (number == 1) part.Set("split.count", (ushort)3);
        });
        Assert.Contains("isn't part 2 of 2, though its name says so", Refusal(paths[0]), StringComparison.Ordinal);

        paths = Write(older: false, [5, 7], "twice", (number, part) =>
        {
            if (number == 1) part.Add("token_embd.weight", "F32", 32, GgufBuilder.Vocabulary);
        });
        Assert.Contains("has the tensor 'token_embd.weight', which another part has too", Refusal(paths[0]), StringComparison.Ordinal);

        paths = Write(older: false, [5, 7], "fewer", (number, part) =>
        {
            if (number == 1) part.Tensors.RemoveAt(0);
        });
        Assert.Contains("says that all parts have 12 tensors, and they have 11", Refusal(paths[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("split.no", (ushort)2, "split.no is 2, but split.count is 2")]
    [InlineData("split.count", "2", "split.count is \"2\", but it must be a whole number")]
    public void Numbers_that_cant_be_are_refused(string key, object value, string said) =>
        Assert.Contains(said, Refusal(Write(older: false, [5, 7], change: (_, part) => part.Set(key, value))[0]), StringComparison.Ordinal);

    [Theory, InlineData((ushort)0), InlineData((ushort)1)]
    public void A_model_that_was_joined_again_is_whole(ushort count)
    {
        File.WriteAllBytes(folder.File("joined.gguf"), GgufBuilder.Llama().Set("split.count", count).Build());
        using var checkpoint = Checkpoint.Open(folder.File("joined.gguf"));
        Assert.Equal("joined", checkpoint.Name);
    }
}
