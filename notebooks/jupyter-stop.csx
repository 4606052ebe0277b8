// Lets Jupyter's stop button stop a cell: it sends Ctrl+C, at which .NET Interactive's Jupyter front would end the whole kernel.
// The front asks its host to shut down, and no other handler can prevent that; so its handler gives way to one that sends the kernel's own command
// Cancel. Everything is found by name: outside Jupyter, or where a name is missing, things stay as they are.
using System;
using System.Collections;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;

static class JupyterStop
{
    private const string Interactive = "Microsoft.DotNet.Interactive";
    private const int Interrupt = 2; // SIGINT

    private static PosixSignalRegistration registration;

    public static void Listen()
    {
        if (registration is not null || !Environment.GetCommandLineArgs().Contains("jupyter")) return;
        var host = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name == Interactive);
        var context = host?.GetType($"{Interactive}.KernelInvocationContext")?.GetProperty("Current")?.GetValue(null);
        var kernel = Get(Get(context, "HandlingKernel"), "RootKernel");
        if (host?.GetType($"{Interactive}.Commands.KernelCommand") is not { } command || host.GetType($"{Interactive}.Commands.Cancel") is not { } cancel) return;
        if (kernel?.GetType().GetMethod("SendAsync", new[] { command, typeof(CancellationToken) }) is not { } send || !RemoveOthers()) return;
        registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            _ = send.Invoke(kernel, new[] { Activator.CreateInstance(cancel, new object[] { null }), CancellationToken.None });
        });
    }

    private static object Get(object from, string property) => from?.GetType().GetProperty(property)?.GetValue(from);

    // Forgets who else listens to Ctrl+C.
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

JupyterStop.Listen();
