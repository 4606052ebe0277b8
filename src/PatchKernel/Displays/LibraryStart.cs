using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using PatchKernel.Torch;

namespace PatchKernel.Displays;

/// <summary>Runs before the library's first code, in whatever program or notebook.</summary>
internal static class LibraryStart
{
    /// <summary>Lets Plotly.NET work in a notebook kernel, which has an FSharp.Core of its own that is older than the one Plotly.NET asks for.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It has to run before any code that touches Plotly.NET, wherever a notebook begins.")]
    internal static void AnswerFSharpCore() => AssemblyLoadContext.Default.Resolving += static (context, wanted) =>
    {
        // Without a version it is the question below, asked again.
        if (wanted.Name != "FSharp.Core" || wanted.Version is null) return null;
        return Array.Find(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == wanted.Name) ?? AnyFSharpCore(context);
    };

    private static Assembly? AnyFSharpCore(AssemblyLoadContext context)
    {
        try
        {
            return context.LoadFromAssemblyName(new AssemblyName("FSharp.Core")); // the host's own
        }
        catch (FileNotFoundException)
        {
            var ours = Path.Combine(TorchRuntime.Folder, "FSharp.Core.dll");
            return File.Exists(ours) ? context.LoadFromAssemblyPath(ours) : null;
        }
    }

    /// <summary>Runs what the reading half has to have done before anything touches TorchSharp.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "This library may touch TorchSharp before it touches the other.")]
    internal static void StartReading() => RuntimeHelpers.RunModuleConstructor(typeof(PatchKernelException).Module.ModuleHandle);
}
