using System.Diagnostics;
using System.Reflection;
using System.Runtime.Versioning;
using System.Text;
using PatchKernel.Build;

namespace PatchKernel.Tests;

public sealed class NativeLibraryFixTests
{
    private static readonly string? PublishedPath = typeof(NativeLibraryFixTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "PublishedTorchSharpLibrary").Value;

    [Fact]
    public void The_published_library_is_edited_in_the_symbol_and_its_version_alone()
    {
        var published = Published();
        var library = published.ToArray();
        Assert.Equal(NativeLibraryFixOutcome.Edited, NativeLibraryFix.Apply(library));

        Assert.Equal(published.Length, library.Length);
        var symbol = published.AsSpan().IndexOf("_ZSt21ios_base_library_initv\0"u8);
        Assert.Equal("_ZNSt8ios_base4InitC1Ev\0", Encoding.ASCII.GetString(library, symbol, 24));
        var elsewhere = Enumerable.Range(0, library.Length).Where(i => library[i] != published[i] && (i < symbol || i >= symbol + 28)).ToArray();
        // An entry is hash, flags, index, name: its first four bytes and its third four change, the eight around the index don't.
        Assert.InRange(elsewhere[^1] - elsewhere[0], 8, 11);
        Assert.DoesNotContain(elsewhere, i => i - elsewhere[0] is >= 4 and < 8);
        Assert.Equal(0x08922974u, BitConverter.ToUInt32(library, elsewhere[0])); // the ELF hash of GLIBCXX_3.4
    }

    [Fact]
    public void An_edited_library_stays_as_it_is()
    {
        var library = Published();
        NativeLibraryFix.Apply(library);
        AssertLeftAlone(library, NativeLibraryFixOutcome.AlreadyEdited);
    }

    [Fact]
    public void The_build_edits_its_copy_and_leaves_the_package_alone()
    {
        Assert.Equal(NativeLibraryFixOutcome.Edited, NativeLibraryFix.Apply(Published()));
        AssertLeftAlone(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so")), NativeLibraryFixOutcome.AlreadyEdited);
    }

    [Theory]
    [InlineData("libc10.so", nameof(NativeLibraryFixOutcome.NotNeeded))]
    [InlineData("libtorch.so", nameof(NativeLibraryFixOutcome.Foreign))] // imports no version at all
    public void A_library_without_the_import_stays_as_it_is(string name, string outcome)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a library for Linux");
        AssertLeftAlone(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name)), Enum.Parse<NativeLibraryFixOutcome>(outcome));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("\u007fELF")]
    [InlineData("GLIBCXX_3.4.32 _ZSt21ios_base_library_initv GLIBCXX_3.4, none of it in a library, but more than a header's sixty-four bytes")]
    public void What_is_no_library_stays_as_it_is(string text) =>
        AssertLeftAlone(Encoding.ASCII.GetBytes(text), NativeLibraryFixOutcome.Foreign);

    [Theory]
    [InlineData("_ZSt21ios_base_library_initv", "_ZSt21ios_base_library_initw")] // the version without the symbol
    [InlineData("GLIBCXX_3.4.32", "GLIBCXX_3.4.33")]                             // the symbol without the version
    [InlineData("GLIBCXX_3.4\0", "GLIBCXX_3.5\0")]                               // nothing to point at
    [InlineData("GLIBCXX_3.4.30\0", "GLIBCXX_3.4.32\0")]                         // the version twice
    [InlineData("GLIBCXX_3.4.9\0", "GLIBCXX_3.4\0\0\0")]                         // two to point at
    public void A_library_that_differs_in_what_matters_stays_as_it_is(string old, string other)
    {
        var library = Published();
        var at = library.AsSpan().IndexOf(Encoding.ASCII.GetBytes(old));
        Encoding.ASCII.GetBytes(other).CopyTo(library, at);
        AssertLeftAlone(library, NativeLibraryFixOutcome.Foreign);
    }

    [Fact]
    public void A_library_cut_off_anywhere_stays_as_it_is()
    {
        var published = Published();
        var lengths = Enumerable.Range(0, 1024).Concat(Enumerable.Range(0, published.Length / 16384).Select(i => i * 16384 + 1)).Append(published.Length - 1);
        foreach (var length in lengths)
            AssertLeftAlone(published[..length], NativeLibraryFixOutcome.Foreign);
    }

    [Fact]
    public void A_damaged_library_is_edited_or_left_alone_but_never_fails_the_build()
    {
        var published = Published();
        // The ELF header and the segments' headers lie in the first kilobyte, the dynamic section where the second of them says.
        var dynamic = (int)BitConverter.ToUInt64(published, 64 + 4 * 56 + 8);
        var versions = published.AsSpan().IndexOf(BitConverter.GetBytes(0x08922974u));
        int[] places = [.. Enumerable.Range(0, 1024), .. Enumerable.Range(dynamic, 560), .. Enumerable.Range(versions - 512, 528)];
        foreach (var place in places)
        {
            var library = published.ToArray();
            library[place] ^= 0xff;
            var damaged = library.ToArray();
            if (NativeLibraryFix.Apply(library) != NativeLibraryFixOutcome.Edited)
                Assert.True(damaged.AsSpan().SequenceEqual(library));
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_hard_link_is_broken_and_mode_and_time_stay()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the edit is Linux's alone");
        using var folder = new TemporaryFolder();
        var (inPackage, inOutput) = (folder.File("package.so"), folder.File("output.so"));
        var published = Published();
        File.WriteAllBytes(inPackage, published);
        File.SetUnixFileMode(inPackage, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead);
        File.SetLastWriteTimeUtc(inPackage, new DateTime(2026, 5, 7, 10, 3, 28, DateTimeKind.Utc));
        Process.Start("ln", [inPackage, inOutput]).WaitForExit();

        Assert.Equal(NativeLibraryFixOutcome.Edited, NativeLibraryFix.Apply(inOutput));

        Assert.True(published.AsSpan().SequenceEqual(File.ReadAllBytes(inPackage)));
        Assert.Equal(NativeLibraryFixOutcome.AlreadyEdited, NativeLibraryFix.Apply(inOutput));
        Assert.Equal(File.GetUnixFileMode(inPackage), File.GetUnixFileMode(inOutput));
        Assert.Equal(File.GetLastWriteTimeUtc(inPackage), File.GetLastWriteTimeUtc(inOutput));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void A_file_that_is_left_alone_is_not_written()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("text.so");
        File.WriteAllText(file, "text");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        Assert.Equal(NativeLibraryFixOutcome.Foreign, NativeLibraryFix.Apply(file));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(file));
        Assert.Contains("stays as published", NativeLibraryFix.Describe(NativeLibraryFixOutcome.Foreign, file), StringComparison.Ordinal);
    }

    private static byte[] Published()
    {
        Assert.SkipUnless(File.Exists(PublishedPath), "needs TorchSharp's library for Linux where it was restored to");
        return File.ReadAllBytes(PublishedPath);
    }

    private static void AssertLeftAlone(byte[] library, NativeLibraryFixOutcome expected)
    {
        var before = library.ToArray();
        Assert.Equal(expected, NativeLibraryFix.Apply(library));
        Assert.True(before.AsSpan().SequenceEqual(library));
    }
}
