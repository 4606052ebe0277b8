using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using PatchKernel.Torch;

namespace PatchKernel.Displays;

/// <summary>Runs before the library's first code, in whatever program or notebook.</summary>
internal static class LibraryStart
{
    /// <summary>Does what has to be done before TorchSharp or Plotly.NET is touched, and meets the notebook's kernel, now or when it is loaded.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A cell may sweep or draw before it calls anything that is made for notebooks.")]
    internal static void Start()
    {
        AssemblyLoadContext.Default.Resolving += AnswerFSharpCore;
        // This library may touch TorchSharp before it touches the reading half, whose own start this is.
        RuntimeHelpers.RunModuleConstructor(typeof(PatchKernelException).Module.ModuleHandle);
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => NotebookHost.Meet(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) NotebookHost.Meet(assembly);
    }

    /// <summary>Lets Plotly.NET work in a notebook kernel, which has an FSharp.Core of its own that is older than the one Plotly.NET asks for.</summary>
    private static Assembly? AnswerFSharpCore(AssemblyLoadContext context, AssemblyName wanted)
    {
        // Without a version it is the question below, asked again.
        if (wanted.Name != "FSharp.Core" || wanted.Version is null) return null;
        if (Array.Find(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == wanted.Name) is { } loaded) return loaded;
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
}
