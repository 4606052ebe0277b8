using System.Diagnostics;
using PatchKernel.Models;

namespace PatchKernel.Tests.Hostile;

/// <summary>A model's folder, and beside it what nobody may touch: a shard with numbers of its own, and a pipe that blocks whoever opens it.</summary>
internal sealed class HostileFolder : IDisposable
{
    private const string Shard = "outside.safetensors";
    private const string Pipe = "pipe.safetensors";

    private static readonly string[] Beside = ["golden", "edges", "circuits", "tree"]; // what the model isn't

    private readonly TemporaryFolder parent = new();
    private readonly string[] outside;

    /// <param name="source">The folder whose files are copied.</param>
    public HostileFolder(string source)
    {
        Directory.CreateDirectory(Path);
        foreach (var file in Directory.EnumerateFiles(source).Where(file => !Beside.Any(name => System.IO.Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal))))
            File.WriteAllBytes(InFolder(System.IO.Path.GetFileName(file)), File.ReadAllBytes(file)); // a copy would be as read-only as the golden data
        var weights = new SafetensorsBuilder();
        foreach (var weight in WeightLayout.All(ConfigReader.Read(InFolder("config.json")).Config)) weights.AddZeros(weight.Key, "F32", 4, weight.Shape);
        File.WriteAllBytes(parent.File(Shard), weights.Build());
        if (!OperatingSystem.IsWindows())
        {
            using var made = Process.Start("mkfifo", [parent.File(Pipe)]);
            made.WaitForExit();
            Assert.Equal(0, made.ExitCode);
        }
        outside = Listing();
    }

    /// <summary>The model's folder.</summary>
    public string Path => parent.File("model");

    /// <summary>Names by which an index may try to reach what lies outside, and others that no shard has.</summary>
    public string[] Tricks =>
    [
        .. (string[])[Shard, Pipe, $"../{Shard}", $"../{Pipe}", parent.File(Shard), parent.File(Pipe), $"..\\{Pipe}", $"./../{Pipe}", $"x/../../{Pipe}", $"../model/../{Pipe}", $"//{parent.File(Pipe)}",
            $"file://{parent.File(Pipe)}", $"C:{Pipe}", $"C:\\{Pipe}", $"\\\\host\\{Pipe}", $"%2e%2e%2f{Pipe}", $"..%2f{Pipe}", $"~/{Pipe}", "..safetensors", ".safetensors", "..", ".", "",
            "CON.safetensors", "nul.safetensors", "com1.x.safetensors", "x.safetensors:stream", "x.safetensors ", " .safetensors", "x.SAFETENSORS", $"../{Pipe}\0.safetensors", "\n.safetensors",
            "\u202e.safetensors", $"{new string('x', 255)}.safetensors", $"{new string('x', 100_000)}.safetensors", $"{string.Concat(Enumerable.Repeat("../", 5000))}x.safetensors",
            "model.safetensors", "model.bin", "MODEL-00001-OF-00004.safetensors", "model-00002-of-00004.safetensors", "config.json"],
    ];

    public string InFolder(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Puts bytes into a file's place.</summary>
    public void Write(string name, byte[] bytes)
    {
        File.Delete(InFolder(name)); // truncating a file makes some file systems wait for the disk
        File.WriteAllBytes(InFolder(name), bytes);
    }

    /// <summary>Passes where nothing was made, changed or taken away.</summary>
    public void CheckOutside() => Assert.Equal(outside, Listing());

    public void Dispose() => parent.Dispose();

    private string[] Listing() =>
    [
        .. Directory.EnumerateFileSystemEntries(parent.Path).Where(path => path != Path).Order(StringComparer.Ordinal)
            .Select(path => FormattableString.Invariant($"{path} {new FileInfo(path).Length} {File.GetLastWriteTimeUtc(path):O}")),
        .. Directory.EnumerateFileSystemEntries(Path).Order(StringComparer.Ordinal),
    ];
}
