using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace PatchKernel.Displays;

/// <summary>.NET Interactive's kernel, found by its names, so that the library needs none of its packages.</summary>
internal static class NotebookHost
{
    private const string Kernel = "Microsoft.DotNet.Interactive";
    private static readonly string[] MimeTypes = ["text/html"];

    private static Assembly? kernel;

    /// <summary>The running cell's token; none outside a cell.</summary>
    public static CancellationToken Cancellation
    {
        get
        {
            try
            {
                return Current() is { } cell && Property(cell, "CancellationToken") is CancellationToken cancel ? cancel : CancellationToken.None;
            }
            catch (TargetInvocationException)
            {
                return CancellationToken.None; // the cell has ended, and its token with it; what it left running goes on
            }
        }
    }

    /// <summary>Connects the stop button: when a cell first uses the library, or when the kernel is loaded later.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A cell may sweep before it calls anything that is made for notebooks.")]
    internal static void Attach()
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Attach(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) Attach(assembly);
    }

    private static void Attach(Assembly assembly)
    {
        if (assembly.GetName().Name != Kernel) return;
        kernel = assembly;
        HostStop.Button = () => Cancellation;
    }

    /// <summary>Shows a value in the running cell's output, and from the second time on in the place of the first; null outside a cell.</summary>
    /// <remarks>.NET Interactive's <c>display(x)</c> returns a handle that loses updates; the context's own Display does not.</remarks>
    public static Action<object>? Display()
    {
        if (Current() is not { } context) return null;
        var display = Type("KernelInvocationContextExtensions")?.GetMethod("Display", [context.GetType(), typeof(object), typeof(string[])]);
        if (display is null) return null;
        object? handle = null;
        return value =>
        {
            try
            {
                if (handle is null) handle = display.Invoke(null, [context, value, MimeTypes]);
                else handle.GetType().GetMethod("Update", [typeof(object)])?.Invoke(handle, [value]);
            }
            catch (TargetInvocationException)
            {
                // A display that fails must not stop the sweep.
            }
        };
    }

    private static object? Current() =>
        Type("KernelInvocationContext")?.GetProperty("Current", BindingFlags.Public | BindingFlags.Static)?.GetValue(null);

    private static object? Property(object owner, string name) => owner.GetType().GetProperty(name)?.GetValue(owner);

    private static Type? Type(string name) => kernel?.GetType($"{Kernel}.{name}");
}
