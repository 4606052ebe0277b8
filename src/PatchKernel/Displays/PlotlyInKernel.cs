using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Plotly.NET;

namespace PatchKernel.Displays;

/// <summary>Makes .NET Interactive's kernel show a reader's own Plotly.NET charts, with the plotly.js that is on the page.</summary>
/// <remarks>The kernel's parts are found by name, so that the library needs none of its packages.</remarks>
internal static class PlotlyInKernel
{
    private const string Formatting = "Microsoft.DotNet.Interactive.Formatting";

    /// <summary>Registers with the kernel: when a cell first uses the library, or where the kernel comes later.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A cell may make a chart before it calls anything that is made for notebooks.")]
    internal static void Attach()
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Attach(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) Attach(assembly);
    }

    private static void Attach(Assembly assembly)
    {
        if (assembly.GetName().Name == Formatting) Register(assembly);
    }

    // A method of its own: programs that draw no chart don't load Plotly.NET.
    private static void Register(Assembly formatting)
    {
        // Plotly.NET must not be touched before the answer to its FSharp.Core is there.
        RuntimeHelpers.RunModuleConstructor(typeof(PatchKernelException).Module.ModuleHandle);
        Action<object, TextWriter> write = (chart, writer) => writer.Write(ChartPage.Part((GenericChart)chart));
        formatting.GetType($"{Formatting}.Formatter")?
            .GetMethod("Register", [typeof(Type), typeof(Action<object, TextWriter>), typeof(string)])?
            .Invoke(null, [typeof(GenericChart), write, "text/html"]);
    }
}
