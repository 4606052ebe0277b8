using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace PatchKernel.Tests;

/// <summary>A Slurm of one node on this machine, out of Debian's slurm-wlm and munge, all of it in one folder.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OneNodeSlurm : IDisposable
{
    private static readonly string[] Installed = ["/usr/bin/sbatch", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder folder = new();

    private OneNodeSlurm()
    {
        foreach (var name in new[] { "state", "spool", "munge" }) Directory.CreateDirectory(folder.File(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var key = folder.File("munge/key");
        File.WriteAllBytes(key, System.Security.Cryptography.RandomNumberGenerator.GetBytes(1024));
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        File.WriteAllText(Conf, Text());
    }

    /// <summary>The cluster's settings, which its commands find by the variable SLURM_CONF.</summary>
    public string Conf => folder.File("slurm.conf");

    /// <summary>What its commands need in their environment.</summary>
    public (string, string?)[] Variables => [("SLURM_CONF", Conf)];

    /// <summary>Starts one; the test is skipped where that can't be.</summary>
    public static async Task<OneNodeSlurm> Start()
    {
        Assert.SkipUnless(Installed.All(File.Exists), "needs slurm-wlm and munge");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to start Slurm's daemons");
        var slurm = new OneNodeSlurm();
        try
        {
            var fault = await slurm.Begin();
            Assert.SkipUnless(fault is null, $"needs a Slurm that starts here: {fault}");
            return slurm;
        }
        catch
        {
            slurm.Dispose();
            throw;
        }
    }

    /// <summary>Runs one of its commands, and gives what it said.</summary>
    public async Task<string> Run(params string[] line)
    {
        var run = await Programs.RunAsync(folder.Path, Variables, line);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', line)}: {run.Error}");
        return run.Output.Trim();
    }

    /// <summary>Waits until something is so; jobs take their time.</summary>
    public static async Task Until(Func<Task<bool>> isSo, TimeSpan patience, Func<string> otherwise)
    {
        for (var watch = Stopwatch.StartNew(); !await isSo(); await Task.Delay(TimeSpan.FromMilliseconds(100)))
            Assert.True(watch.Elapsed < patience, otherwise());
    }

    /// <summary>Cancels every job and ends the daemons.</summary>
    public void Dispose()
    {
        Quietly("scancel", "--me", "--quiet");
        foreach (var name in new[] { "slurmd.pid", "slurmctld.pid", "munge/pid" })
            if (File.Exists(folder.File(name)) && int.TryParse(File.ReadAllText(folder.File(name)).Trim(), CultureInfo.InvariantCulture, out var id)) End(id);
        folder.Dispose();
    }

    private static void End(int id)
    {
        try
        {
            using var daemon = Process.GetProcessById(id);
            using (Process.Start("kill", $"{id}")) { }
            if (daemon.WaitForExit(Patience)) return;
            daemon.Kill();
            daemon.WaitForExit(Patience);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has gone.
        }
    }

    /// <summary>Starts the daemons; what went wrong, or null.</summary>
    private async Task<string?> Begin()
    {
        string[][] daemons =
        [
            ["/usr/sbin/munged", "--force", $"--key-file={folder.File("munge/key")}", $"--socket={folder.File("munge/socket")}", $"--pid-file={folder.File("munge/pid")}", $"--log-file={folder.File("munge/log")}", $"--seed-file={folder.File("munge/seed")}"],
            ["/usr/sbin/slurmctld", "-c"],
            ["/usr/sbin/slurmd"],
        ];
        foreach (var line in daemons)
            // A daemon keeps what it inherits, so nobody waits for its output's end.
            if (await Detached(line) is var code and not 0) return $"{line[0]} ended with {code}";
        var said = "";
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience; await Task.Delay(TimeSpan.FromMilliseconds(100)))
            if ((said = (await Programs.RunAsync(folder.Path, Variables, "sinfo", "-h", "-o", "%t")).Output.Trim()) == "idle") return null;
        return $"its node is '{said}'";
    }

    private async Task<int> Detached(string[] line)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh", .. line]) { WorkingDirectory = folder.Path };
        start.Environment["SLURM_CONF"] = Conf;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private void Quietly(params string[] line)
    {
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["SLURM_CONF"] = Conf;
        using var process = Process.Start(start)!;
        if (!process.WaitForExit(Patience)) process.Kill();
    }

    private string Text()
    {
        var host = Environment.MachineName.Split('.')[0];
        var megabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20;
        return $"""
            ClusterName=test
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={FreePort()}
            SlurmdPort={FreePort()}
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket={folder.File("munge/socket")}
            CredType=cred/munge
            StateSaveLocation={folder.File("state")}
            SlurmdSpoolDir={folder.File("spool")}
            SlurmctldPidFile={folder.File("slurmctld.pid")}
            SlurmdPidFile={folder.File("slurmd.pid")}
            SlurmctldLogFile={folder.File("slurmctld.log")}
            SlurmdLogFile={folder.File("slurmd.log")}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SchedulerType=sched/backfill
            SchedulerParameters=sched_interval=5,batch_sched_delay=1,sched_min_interval=100000
            AccountingStorageType=accounting_storage/none
            JobAcctGatherType=jobacct_gather/linux
            JobCompType=jobcomp/none
            SwitchType=switch/none
            MpiDefault=none
            ReturnToService=2
            SlurmdTimeout=20
            KillWait=5
            NodeName={host} NodeAddr=127.0.0.1 CPUs={Environment.ProcessorCount} RealMemory={megabytes} State=UNKNOWN
            PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO

            """;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
