using System.Reflection;
using Plotly.NET;

namespace PatchKernel.Displays;

/// <summary>.NET Interactive's kernel, found by its names, so that the library needs none of its packages.</summary>
internal static class NotebookHost
{
    private const string Kernel = "Microsoft.DotNet.Interactive";
    private const string Formatting = $"{Kernel}.Formatting";
    private static readonly string[] MimeTypes = ["text/html"];

    private static readonly List<Action<Assembly>> Shows = [ShowPlotly];

    private static Assembly? kernel, formatting;

    /// <summary>The running cell's token; none outside a cell.</summary>
    public static CancellationToken Cancellation
    {
        get
        {
            try
            {
                return Current() is { } cell && cell.GetType().GetProperty("CancellationToken")?.GetValue(cell) is CancellationToken cancel ? cancel : default;
            }
            catch (TargetInvocationException)
            {
                return CancellationToken.None; // the cell has ended, and its token with it; what it left running goes on
            }
        }
    }

    /// <summary>Connects the stop button and the reader's own charts, where an assembly is the kernel's; else nothing.</summary>
    public static void Meet(Assembly assembly)
    {
        var name = assembly.GetName().Name;
        if (name == Formatting)
        {
            formatting = assembly;
            Shows.ForEach(show => show(assembly));
        }
        if (name != Kernel) return;
        kernel = assembly;
        HostStop.Button = () => Cancellation;
    }

    /// <summary>Calls back with the kernel's formatting library, now or when it is loaded: there <see cref="Show{T}"/> can be called.</summary>
    public static void WhenShowing(Action<Assembly> show)
    {
        Shows.Add(show);
        if (formatting is not null) show(formatting);
    }

    /// <summary>Makes the kernel show a type of another library's.</summary>
    public static void Show<T>(Assembly formatting, Func<T, string> html)
    {
        Action<object, TextWriter> write = (value, writer) => writer.Write(html((T)value));
        formatting.GetType($"{Formatting}.Formatter")?
            .GetMethod("Register", [typeof(Type), typeof(Action<object, TextWriter>), typeof(string)])?
            .Invoke(null, [typeof(T), write, "text/html"]);
    }

    // A reader's own Plotly.NET charts, with the plotly.js that is on the page. A method of its own: programs that draw no chart don't load Plotly.NET.
    private static void ShowPlotly(Assembly formatting) => Show<GenericChart>(formatting, ChartPage.Part);

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

    private static Type? Type(string name) => kernel?.GetType($"{Kernel}.{name}");
}
