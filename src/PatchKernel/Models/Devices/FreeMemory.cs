using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace PatchKernel.Models;

/// <summary>How many bytes a device has free.</summary>
internal static partial class FreeMemory
{
    /// <summary>Bytes of the CPU's memory that this process could still take, within its container's limit.</summary>
    public static long OfCpu()
    {
        var machine = GC.GetGCMemoryInfo();
        var own = machine.TotalAvailableMemoryBytes - Environment.WorkingSet;
        // Where Linux doesn't say, .NET knows what other programs have from its last collection; before the first one half is left to them.
        var others = machine.Index > 0 ? machine.MemoryLoadBytes : machine.TotalAvailableMemoryBytes / 2;
        return Math.Max(0, Math.Min(own, Available("/proc/meminfo") ?? machine.TotalAvailableMemoryBytes - others));
    }

    /// <summary>What Linux could give without swapping, in bytes; null where the file isn't there or doesn't say.</summary>
    internal static long? Available(string path)
    {
        var kilobytes = File.Exists(path) ? MemAvailable().Match(File.ReadAllText(path)) : Match.Empty;
        return kilobytes.Success ? long.Parse(kilobytes.Value, CultureInfo.InvariantCulture) * 1024 : null;
    }

    [GeneratedRegex(@"(?<=^MemAvailable:\s*)[0-9]{1,15}(?= kB$)", RegexOptions.Multiline)]
    private static partial Regex MemAvailable();

    /// <summary>Bytes of a GPU's memory that are free, as NVIDIA's driver says; TorchSharp doesn't.</summary>
    /// <remarks>Not yet run on a GPU. The driver numbers the devices as libtorch does.</remarks>
    /// <exception cref="PatchKernelException">The driver doesn't say.</exception>
    public static unsafe long OfGpu(int index)
    {
        try
        {
            var driver = NativeLibrary.Load(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");
            int device;
            nint context, popped;
            nuint free, total;
            Check(((delegate* unmanaged<uint, int>)NativeLibrary.GetExport(driver, "cuInit"))(0));
            Check(((delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(driver, "cuDeviceGet"))(&device, index));
            Check(((delegate* unmanaged<nint*, int, int>)NativeLibrary.GetExport(driver, "cuDevicePrimaryCtxRetain"))(&context, device));
            Check(((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(driver, "cuCtxPushCurrent_v2"))(context));
            var status = ((delegate* unmanaged<nuint*, nuint*, int>)NativeLibrary.GetExport(driver, "cuMemGetInfo_v2"))(&free, &total);
            Check(((delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(driver, "cuCtxPopCurrent_v2"))(&popped));
            Check(((delegate* unmanaged<int, int>)NativeLibrary.GetExport(driver, "cuDevicePrimaryCtxRelease_v2"))(device));
            Check(status);
            return (long)free;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw Unknown(e.Message, e);
        }

        void Check(int status)
        {
            if (status != 0) throw Unknown($"the driver's error {status}");
        }

        PatchKernelException Unknown(string reason, Exception? cause = null) =>
            new($"The free memory of cuda:{index} can't be read ({reason.TrimEnd('.')}): choose the residency all or streamed, which don't ask for it.", cause!);
    }
}
