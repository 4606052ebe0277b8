using System.Runtime.CompilerServices;

namespace PatchKernel.Tests;

/// <summary>Each test computes on one thread, and so do the programs that it starts: tests run side by side, one a core.</summary>
/// <remarks>Two that compute on every core wait for each other's threads, and take many times as long as one after the other.</remarks>
internal static class OneThread
{
    public const string Variable = "OMP_NUM_THREADS";

    [ModuleInitializer]
    internal static void Set()
    {
        RuntimeHelpers.RunModuleConstructor(typeof(PatchKernelException).Module.ModuleHandle); // the limit of the spin goes before libtorch
        Environment.SetEnvironmentVariable(Variable, "1");
        TorchSharp.torch.set_num_threads(1);
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0"); // programs that end soon, started again and again, as this project's own are built
    }
}
