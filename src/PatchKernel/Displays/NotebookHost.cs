using System.Reflection;

namespace PatchKernel;

/// <summary>.NET Interactive's kernel, found by its names, so that the library needs none of its packages.</summary>
internal static class NotebookHost
{
    private const string Kernel = "Microsoft.DotNet.Interactive";
    private static readonly string[] MimeTypes = ["text/html"];

    /// <summary>The running cell's token; none outside a cell.</summary>
    public static CancellationToken Cancellation =>
        Current() is { } context && Property(context, "CancellationToken") is CancellationToken cancel ? cancel : CancellationToken.None;

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
                // What is shown must not stop what runs.
            }
        };
    }

    private static object? Current() =>
        Type("KernelInvocationContext")?.GetProperty("Current", BindingFlags.Public | BindingFlags.Static)?.GetValue(null);

    private static object? Property(object owner, string name) => owner.GetType().GetProperty(name)?.GetValue(owner);

    private static Type? Type(string name) =>
        Array.Find(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == Kernel)?.GetType($"{Kernel}.{name}");
}
