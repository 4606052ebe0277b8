using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PatchKernel;

/// <summary>Lets Jupyter's stop button stop a cell: it sends Ctrl+C, at which .NET Interactive's Jupyter front would end the whole kernel.</summary>
/// <remarks>
/// The front asks its host to shut down, and no other handler can prevent that; so its handler gives way to one that sends the kernel's own
/// command Cancel. All of it is found by name, and where a name is missing things stay as they are.
/// </remarks>
internal static class JupyterInterrupt
{
    private const string Interactive = "Microsoft.DotNet.Interactive";
    private const int Interrupt = 2;

    private static PosixSignalRegistration? registration;

    /// <summary>Runs when a cell first uses the library, and does nothing outside Jupyter.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A notebook has no other place that every one of them comes through.")]
    internal static void Listen()
    {
        if (!Environment.GetCommandLineArgs().Contains("jupyter")) return;
        if (Array.Find(AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == Interactive) is not { } host) return;
        var context = host.GetType($"{Interactive}.KernelInvocationContext")?.GetProperty("Current")?.GetValue(null);
        var kernel = Get(Get(context, "HandlingKernel"), "RootKernel");
        if (host.GetType($"{Interactive}.Commands.KernelCommand") is not { } command || host.GetType($"{Interactive}.Commands.Cancel") is not { } cancel) return;
        if (kernel?.GetType().GetMethod("SendAsync", [command, typeof(CancellationToken)]) is not { } send || !RemoveOthers()) return;
        registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            _ = send.Invoke(kernel, [Activator.CreateInstance(cancel, [null]), CancellationToken.None]);
        });
    }

    private static object? Get(object? from, string property) => from?.GetType().GetProperty(property)?.GetValue(from);

    /// <summary>Forgets who else listens to Ctrl+C.</summary>
    private static bool RemoveOthers()
    {
        var field = typeof(PosixSignalRegistration).GetField("s_registrations", BindingFlags.NonPublic | BindingFlags.Static);
        if (field?.GetValue(null) is not IDictionary registrations) return false;
        lock (registrations)
        {
            (registrations[Interrupt] as IList)?.Clear();
        }
        return true;
    }
}
