#pragma warning disable
using static TorchSharp.torch;
using TorchSharp;
namespace PatchKernel;
public sealed class Tokenizer { public static Tokenizer Load(string path) => throw new NotImplementedException(); public string TokenText(int id) => ""; }
public sealed class Checkpoint : IDisposable { public static Checkpoint Open(string f) => throw new NotImplementedException(); public string Name => ""; public LlamaConfig Config => null!; public IReadOnlyList<string> Warnings => []; public bool HasTokenizer => false; public Tokenizer Tokenizer => null!; internal Tensor Read(WeightSpec w, ScalarType d, Device v) => null!; public void Dispose() {} }
internal static class TorchRuntime { public static void EnsureLoaded() {} }
internal static class ComputeDevice { public static Device Parse(string? s) => CPU; }
internal static class PairCheck { public static void ThrowIfUnusable(PromptPair p, int v) {} }
