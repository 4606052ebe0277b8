using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PatchKernel.Benchmarks;

/// <summary>The command and a notebook as processes, alone, beside a busy loop and two at once, with the limit on spinning threads and without it.</summary>
/// <remarks>They take turns, so that whatever else the machine does meets all of them; what is printed are medians of the sweeps' own times.</remarks>
internal static partial class Busy
{
    private static readonly string[] Surroundings = ["alone", "beside a loop", "two at once"];

    // What libgomp takes where nothing is said, and what Intel's and LLVM's library takes elsewhere.
    private static readonly (string Name, string Value) Unlimited = OperatingSystem.IsLinux() ? ("GOMP_SPINCOUNT", "300000") : ("KMP_BLOCKTIME", "200");

    public static void Run(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("patchkernel-busy-").FullName;
        try
        {
            var shape = Shape.All.Single(shape => shape.Name == "smollm2");
            RandomCheckpoint.Write(folder, shape.Config);
            var pair = shape.Pair(28, seed: 1);
            Program[] programs = [Command(folder, pair), Notebook(folder, pair)];
            var times = new Dictionary<(string Program, bool Limited, string Around), List<double>>();
            for (var round = 0; round < rounds; round++)
                foreach (var around in Surroundings)
                    foreach (var program in programs)
                        foreach (var limited in (bool[])[false, true])
                        {
                            if (!times.TryGetValue((program.Name, limited, around), out var all)) times[(program.Name, limited, around)] = all = [];
                            all.AddRange(Measure(program, limited, around));
                        }
            Print(programs, times);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(Program[] programs, Dictionary<(string Program, bool Limited, string Around), List<double>> times)
    {
        Console.WriteLine("smollm2, 28 tokens          alone   beside a loop     two at once");
        foreach (var program in programs)
            foreach (var limited in (bool[])[false, true])
            {
                double Seconds(string around) => Median(times[(program.Name, limited, around)]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{program.Name,-9} {(limited ? "limited" : "by default"),-12} {Seconds(Surroundings[0]),7:0.00} s  {Cell(Surroundings[1])}  {Cell(Surroundings[2])}"));
                string Cell(string around) => string.Create(CultureInfo.InvariantCulture, $"{Seconds(around),6:0.00} s ({Seconds(around) / Seconds(Surroundings[0]):0.0}×)");
            }
    }

    private static double[] Measure(Program program, bool limited, string around)
    {
        var loops = true;
        var loop = new Thread(() => { while (Volatile.Read(ref loops)) { } });
        if (around == "beside a loop") loop.Start();
        try
        {
            var started = Enumerable.Range(0, around == "two at once" ? 2 : 1).Select(_ => Task.Run(() => Seconds(program, limited))).ToArray();
            return Task.WhenAll(started).GetAwaiter().GetResult();
        }
        finally
        {
            Volatile.Write(ref loops, false);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>The seconds that its sweep took, as it prints them itself.</returns>
    private static double Seconds(Program program, bool limited)
    {
        var place = Directory.CreateDirectory(Path.Combine(program.Folder, Guid.NewGuid().ToString("N"))).FullName;
        var start = new ProcessStartInfo("dotnet", [program.Dll, .. program.Arguments, .. program.OutputOption is { } option ? (string[])[option, place] : []])
        {
            WorkingDirectory = place,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in (string[])["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY"]) start.Environment.Remove(name);
        if (!limited) start.Environment[Unlimited.Name] = Unlimited.Value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        var said = output.Result + string.Concat(Directory.GetFiles(place, "*.ipynb").Select(File.ReadAllText));
        return Took().Match(said) is { Success: true } took
            ? double.Parse(took.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new PatchKernelException($"{program.Name} ended without the time of a sweep: {said}{error.Result}");
    }

    private static Program Command(string folder, PromptPair pair) => new("command", folder, Dll("PatchKernel.Cli"),
        ["sweep", "--model", folder, "--clean-ids", Ids(pair.Clean), "--corrupt-ids", Ids(pair.Corrupt), "--target-ids", "1,2"], null);

    private static Program Notebook(string folder, PromptPair pair)
    {
        var notebook = Path.Combine(folder, "busy.dib");
        File.WriteAllText(notebook, $"""
            #!csharp

            #r "{Dll("PatchKernel").Replace('\\', '/')}"
            using PatchKernel;
            using System.Diagnostics;

            #!csharp

            var model = LanguageModel.Load("{folder.Replace('\\', '/')}");
            var pair = PromptPair.FromIds([{Ids(pair.Clean)}], [{Ids(pair.Corrupt)}], 1, 2);

            #!csharp

            var watch = Stopwatch.StartNew();
            var result = Sweep.Run(model, pair, new SweepOptions());
            Console.Write(FormattableString.Invariant($"swept in {"{"}watch.Elapsed.TotalSeconds:0.00{"}"} s,"));
            """);
        return new("notebook", folder, Dll("PatchKernel.Notebooks"), ["run", notebook], "--out");
    }

    private static string Ids(Prompt prompt) => string.Join(',', prompt.Ids);

    /// <summary>Where a project's build lies, in the configuration of this one.</summary>
    private static string Dll(string project)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = here.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", project, "bin", here.Parent.Name, here.Name, $"{project}.dll");
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    [GeneratedRegex(@" in ([0-9.]+) s,")]
    private static partial Regex Took();

    private sealed record Program(string Name, string Folder, string Dll, string[] Arguments, string? OutputOption);
}
