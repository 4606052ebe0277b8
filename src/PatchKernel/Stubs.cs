#pragma warning disable
using TorchSharp;
using static TorchSharp.torch;
namespace PatchKernel;

public sealed class Tokenizer
{
    public static Tokenizer Load(string path) => throw new NotImplementedException(); public string TokenText(int id) => "";
    public IReadOnlyList<int> Encode(string text, bool addSpecialTokens = true) => throw new NotSupportedException(text);
    public string Decode(IEnumerable<int> ids) => throw new NotSupportedException();
    public int VocabularySize => 0;
    public int? BosId => null;
}
internal static class NearNames
{
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> known, int count) => [.. known.Where(k => k[0] == name.FirstOrDefault()).Take(count)];
}
