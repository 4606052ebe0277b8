using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using PatchKernel.Models;
using PatchKernel.Torch;
using TorchSharp;

namespace PatchKernel.Tests;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void Torch_loads_and_adds()
    {
        TorchRuntime.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        Assert.Equal(5f, torch.tensor(2f).Plus(torch.tensor(3f)).item<float>());
    }

    [Fact]
    public void A_native_library_that_does_not_load_is_one_sentence_with_its_cause_inside()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "writes a library with Linux's name");
        using var folder = new TemporaryFolder();
        var library = folder.File("libLibTorchSharp.so");
        File.WriteAllText(library, "not a library");

        var failure = Assert.Throws<PatchKernelException>(() => TorchRuntime.Load([folder.Path]));

        Assert.Contains(library, failure.Message, StringComparison.Ordinal);
        Assert.Contains("delete the folders bin and obj of your project, build it on this machine", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.IsType<DllNotFoundException>(failure.InnerException);
    }

    [Fact]
    public void A_native_library_that_is_nowhere_is_one_sentence_that_says_how_it_comes_along()
    {
        using var folder = new TemporaryFolder();
        var failure = Assert.Throws<PatchKernelException>(() => TorchRuntime.Load([folder.Path, folder.File("nowhere")]));
        Assert.Contains($"isn't in {folder.Path}: reference PatchKernel's project (`dotnet add reference", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Native_libraries_are_looked_for_beside_the_assembly_and_then_where_the_host_says()
    {
        Assert.Equal(["/library", "/one", "/two"], TorchLibrary.Folders("/library", string.Join(Path.PathSeparator, "/one", "/two", "")));
        Assert.Equal(["/library"], TorchLibrary.Folders("/library", hostsFolders: null));
    }

    [Fact]
    public void An_FSharp_Core_newer_than_any_is_answered_with_the_one_that_is_there()
    {
        RuntimeHelpers.RunModuleConstructor(typeof(PatchKernelException).Module.ModuleHandle);
        var wanted = new AssemblyName("FSharp.Core") { Version = new Version(1000, 0, 0, 0) };
        Assert.Equal("FSharp.Core", AssemblyLoadContext.Default.LoadFromAssemblyName(wanted).GetName().Name);
    }
}
