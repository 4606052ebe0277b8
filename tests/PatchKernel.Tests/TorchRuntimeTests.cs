using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using TorchSharp;

namespace PatchKernel.Tests;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void Torch_loads_and_adds()
    {
        TorchRuntime.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        Assert.Equal(5f, (torch.tensor(2f) + torch.tensor(3f)).item<float>());
    }

    [Fact]
    public void A_native_library_that_does_not_load_is_one_sentence_with_its_cause_inside()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "writes a library with Linux's name");
        using var folder = new TemporaryFolder();
        var library = folder.File("libLibTorchSharp.so");
        File.WriteAllText(library, "not a library");

        var failure = Assert.Throws<PatchKernelException>(() => TorchRuntime.Load("", folder.File("PatchKernel.dll")));

        Assert.Contains(library, failure.Message, StringComparison.Ordinal);
        Assert.Contains("rebuild with `dotnet build -c Release`", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.IsType<DllNotFoundException>(failure.InnerException);
    }

    [Fact]
    public void An_FSharp_Core_newer_than_any_is_answered_with_the_one_that_is_there()
    {
        RuntimeHelpers.RunModuleConstructor(typeof(PatchKernelException).Module.ModuleHandle);
        var wanted = new AssemblyName("FSharp.Core") { Version = new Version(1000, 0, 0, 0) };
        Assert.Equal("FSharp.Core", AssemblyLoadContext.Default.LoadFromAssemblyName(wanted).GetName().Name);
    }
}
