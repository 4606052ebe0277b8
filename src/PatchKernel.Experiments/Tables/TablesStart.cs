using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Data.Analysis;
using PatchKernel.Displays;

namespace PatchKernel.Tables;

/// <summary>Runs before the library's first code: in a notebook, a cell that ends with a data frame shows a table.</summary>
internal static class TablesStart
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A cell's last value may be a data frame before anything else is called.")]
    internal static void Start() => NotebookHost.WhenShowing(Show);

    // A method of its own: without a notebook it isn't needed, and Microsoft.Data.Analysis isn't loaded.
    private static void Show(Assembly formatting) => NotebookHost.Show<DataFrame>(formatting, Frames.ToHtml);
}
