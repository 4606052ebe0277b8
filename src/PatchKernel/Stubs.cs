#pragma warning disable
using static TorchSharp.torch;
using TorchSharp;
namespace PatchKernel;
public sealed class Tokenizer { public static Tokenizer Load(string path) => throw new NotImplementedException(); public string TokenText(int id) => ""; }
internal static class TorchRuntime { public static void EnsureLoaded() {} }
internal static class ComputeDevice { public static Device Parse(string? s) => CPU; }
internal static class PairCheck { public static void ThrowIfUnusable(PromptPair p, int v) {} }
