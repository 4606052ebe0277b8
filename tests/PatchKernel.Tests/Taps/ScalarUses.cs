using Mono.Cecil;
using Mono.Cecil.Cil;

namespace PatchKernel.Tests.Taps;

/// <summary>Which methods of a library hand a number to TorchSharp in a way that a garbage collection can lose: read from its code.</summary>
/// <remarks>
/// A number turns into a Scalar that nothing holds while libtorch reads it where the compiler converts it (<c>value * 0.5</c>), and inside TorchSharp's own
/// operations (the 1 of <c>a + b</c>).
/// </remarks>
internal static class ScalarUses
{
    /// <summary>Every use, as <c>Type.Method → operation</c>.</summary>
    /// <param name="library">The library's path, beside TorchSharp's.</param>
    /// <param name="holder">The type that holds its Scalars itself.</param>
    public static IReadOnlyList<string> In(string library, string? holder = null)
    {
        using var torch = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll"));
        using var module = ModuleDefinition.ReadModule(library);
        var losing = Losing(torch);
        return
        [
            .. from method in module.GetTypes().SelectMany(type => type.Methods)
               where holder is null || !method.DeclaringType.FullName.StartsWith(holder, StringComparison.Ordinal)
               from called in Called(method)
               where IsConversion(called) || losing.Contains(called.FullName)
               select $"{method.DeclaringType.FullName}.{method.Name} → {called.Name}",
        ];
    }

    /// <summary>TorchSharp's operations on tensors that make a Scalar of their own, or call one that does.</summary>
    private static HashSet<string> Losing(ModuleDefinition torch)
    {
        var methods = torch.GetTypes().Where(type => type.FullName is "TorchSharp.torch" or "TorchSharp.torch/Tensor").SelectMany(type => type.Methods).ToArray();
        var losing = methods.Where(method => Called(method).Any(IsConversion)).Select(method => method.FullName).ToHashSet();
        while (methods.Where(method => !losing.Contains(method.FullName) && Called(method).Any(called => losing.Contains(called.FullName))).ToArray() is { Length: > 0 } more)
            losing.UnionWith(more.Select(method => method.FullName));
        return losing;
    }

    private static bool IsConversion(MethodReference method) => method is { Name: "op_Implicit", DeclaringType.FullName: "TorchSharp.Scalar" };

    private static IEnumerable<MethodReference> Called(MethodDefinition method) => !method.HasBody ? []
        : method.Body.Instructions.Where(each => each.OpCode.FlowControl == FlowControl.Call || each.OpCode == OpCodes.Ldftn).Select(each => each.Operand).OfType<MethodReference>();
}
