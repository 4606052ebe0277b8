#nullable enable
#if !IN_THE_LIBRARY
using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Build.Framework;
#endif
using System.Text;

namespace PatchKernel.Build;

/// <summary>What became of a library.</summary>
internal enum NativeLibraryFixOutcome
{
    /// <summary>The import was redirected.</summary>
    Edited,

    /// <summary>It was redirected before; nothing changed.</summary>
    AlreadyEdited,

    /// <summary>The library asks for nothing that an older libstdc++ lacks; nothing changed.</summary>
    NotNeeded,

    /// <summary>Not the library that the edit was made for, or not a whole file; nothing changed.</summary>
    Foreign,
}

/// <summary>Makes TorchSharp's library for Linux load where libstdc++ is older than GCC 13's: Debian 12, Ubuntu 22.04, RHEL 9.</summary>
/// <remarks>
/// The library needs GLIBCXX_3.4.32 for one symbol alone, std::ios_base_library_init(). The constructor of the empty class
/// std::ios_base::Init does that very initialisation, never touches `this` and is in every libstdc++ as version GLIBCXX_3.4.
/// So the import gets the constructor's name, and the version's entry the name and hash of GLIBCXX_3.4. No byte moves.
/// </remarks>
internal static class NativeLibraryFix
{
    /// <summary>Edits a whole library in memory, or leaves every byte as it is.</summary>
    public static NativeLibraryFixOutcome Apply(byte[] library)
    {
        try
        {
            return new ElfImports(library).Redirect();
        }
        catch (InvalidDataException)
        {
            return NativeLibraryFixOutcome.Foreign;
        }
    }

    /// <summary>Edits a library on disk in one step, or leaves it alone.</summary>
    /// <remarks>
    /// The file may be a hard link into the package cache, which must never change: the edited library is written beside and renamed.
    /// It keeps the file's mode, and its time so that the next build doesn't copy the published one over it.
    /// </remarks>
    public static NativeLibraryFixOutcome Apply(string path)
    {
        var library = File.ReadAllBytes(path);
        var outcome = Apply(library);
        if (outcome != NativeLibraryFixOutcome.Edited)
            return outcome;

        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.Copy(path, beside); // takes the mode along
            var attributes = File.GetAttributes(beside);
            File.SetAttributes(beside, FileAttributes.Normal);
            File.WriteAllBytes(beside, library);
            File.SetLastWriteTimeUtc(beside, File.GetLastWriteTimeUtc(path));
            File.SetAttributes(beside, attributes);
            File.Replace(beside, path, null);
        }
        finally
        {
            File.Delete(beside);
        }

        return outcome;
    }

    /// <summary>One sentence about an outcome, for the build's output.</summary>
    public static string Describe(NativeLibraryFixOutcome outcome, string library) => outcome switch
    {
        NativeLibraryFixOutcome.Edited => $"{library} now loads with libstdc++ older than GCC 13's too.",
        NativeLibraryFixOutcome.AlreadyEdited => $"{library} was edited before and stays as it is.",
        NativeLibraryFixOutcome.NotNeeded => $"{library} stays as published: it doesn't need GLIBCXX_3.4.32.",
        _ => $"{library} stays as published: it isn't the library that build/NativeLibraryFix.cs knows how to edit, "
            + "so it may not load where libstdc++ is older than GCC 13's.",
    };
}

/// <summary>The imported symbols and versions of a 64-bit little-endian ELF library; every access is checked against the file's length.</summary>
internal sealed class ElfImports
{
    private const string OldSymbol = "_ZSt21ios_base_library_initv", OldVersion = "GLIBCXX_3.4.32";
    private const string NewSymbol = "_ZNSt8ios_base4InitC1Ev", NewVersion = "GLIBCXX_3.4";
    private const uint SegmentLoad = 1, SegmentDynamic = 2;
    private const ulong StringTable = 5, SymbolTable = 6, StringTableSize = 10, SymbolEntrySize = 11;
    private const ulong SymbolVersions = 0x6ffffff0, NeededVersions = 0x6ffffffe, NeededVersionsCount = 0x6fffffff;
    private const int SymbolSize = 24, SegmentSize = 56, SectionSize = 64;

    private readonly byte[] _file;
    private readonly int _strings, _stringsEnd;

    public ElfImports(byte[] file)
    {
        _file = file;
        Require(file.Length >= 64 && U32(0) == 0x464c457f && file[4] == 2 && file[5] == 1, "not a 64-bit little-endian ELF file");
        // The section headers lie at the end and the segments before them: with both inside, nothing is cut off.
        At(U64(40), (ulong)U16(60) * SectionSize);
        for (var segment = 0; segment < U16(56); segment++)
            At(U64(Segment(segment) + 8), U64(Segment(segment) + 32));
        var size = Dynamic(StringTableSize);
        _strings = FromAddress(Dynamic(StringTable), size);
        _stringsEnd = _strings + (int)size;
    }

    /// <summary>Redirects the one import, if everything about it is as expected.</summary>
    public NativeLibraryFixOutcome Redirect()
    {
        var versions = ReadVersions();
        var symbols = ReadSymbols();
        var oldSymbols = Array.FindAll(symbols, symbol => symbol.Name == OldSymbol);
        var oldVersions = Array.FindAll(versions, version => version.Name == OldVersion);
        if (oldSymbols.Length == 0 && oldVersions.Length == 0)
            return IsEdited(symbols, versions) ? NativeLibraryFixOutcome.AlreadyEdited : NativeLibraryFixOutcome.NotNeeded;

        Require(oldSymbols.Length == 1 && oldVersions.Length == 1, "the symbol and its version must be there once each");
        var (symbol, old) = (oldSymbols[0], oldVersions[0]);
        var replacements = Array.FindAll(versions, version => version.Name == NewVersion && version.Library == old.Library);
        Require(replacements.Length == 1, "the version to point at must be there once, from the same library");
        Require(symbol.IsImport && symbol.Version == old.Index, "the symbol must be imported with that version");
        Require(Array.FindAll(symbols, other => other.Version == old.Index).Length == 1, "no other symbol may need that version");
        // Linkers let one name end inside another.
        var sharing = Array.FindAll(symbols, other => other.NameAt >= symbol.NameAt && other.NameAt <= symbol.NameAt + OldSymbol.Length);
        Require(sharing.Length == 1, "no other symbol's name may lie inside the one that changes");

        Encoding.ASCII.GetBytes(NewSymbol.PadRight(OldSymbol.Length, '\0')).CopyTo(_file, symbol.NameAt);
        Array.Copy(_file, replacements[0].At, _file, old.At, 4);         // vna_hash
        Array.Copy(_file, replacements[0].At + 8, _file, old.At + 8, 4); // vna_name
        return NativeLibraryFixOutcome.Edited;
    }

    /// <summary>Only the edit leaves two entries of one name, one of them for the constructor.</summary>
    private static bool IsEdited(Symbol[] symbols, Version[] versions)
    {
        var same = Array.FindAll(versions, version => version.Name == NewVersion);
        return same.Length == 2 && Array.Exists(symbols, symbol => symbol.Name == NewSymbol
            && Array.Exists(same, version => version.Index == symbol.Version));
    }

    private Version[] ReadVersions()
    {
        var found = new List<Version>();
        var need = FromAddress(Dynamic(NeededVersions), 16);
        for (var left = Dynamic(NeededVersionsCount); left > 0; left--)
        {
            Require(U16(need) == 1, "an unknown version of the version table");
            var library = Text(U32(need + 4));
            var aux = At((ulong)need + U32(need + 8), 16);
            for (var count = U16(need + 2); count > 0; count--)
            {
                found.Add(new Version(aux, Text(U32(aux + 8)), library, (ushort)(U16(aux + 6) & 0x7fff)));
                Require(found.Count <= 4096, "more versions than any library needs");
                aux = count == 1 ? aux : At((ulong)aux + Positive(U32(aux + 12)), 16);
            }

            need = left == 1 ? need : At((ulong)need + Positive(U32(need + 12)), 16);
        }

        return found.ToArray();
    }

    /// <summary>All dynamic symbols: their table ends where the strings begin, which is how every linker lays them out.</summary>
    private Symbol[] ReadSymbols()
    {
        var (first, end) = (Dynamic(SymbolTable), Dynamic(StringTable));
        Require(Dynamic(SymbolEntrySize) == SymbolSize && first < end && (end - first) / SymbolSize < 1 << 20, "an unknown symbol table");
        var symbols = new Symbol[(end - first) / SymbolSize];
        var table = FromAddress(first, (ulong)symbols.Length * SymbolSize);
        var versions = FromAddress(Dynamic(SymbolVersions), (ulong)symbols.Length * 2);
        for (var i = 0; i < symbols.Length; i++)
        {
            var at = table + i * SymbolSize;
            symbols[i] = new Symbol(_strings + (int)U32(at), Text(U32(at)), U16(at + 6) == 0, (ushort)(U16(versions + 2 * i) & 0x7fff));
        }

        return symbols;
    }

    /// <summary>The value of a tag that the dynamic section must hold.</summary>
    private ulong Dynamic(ulong tag)
    {
        for (var segment = 0; segment < U16(56); segment++)
        {
            var header = Segment(segment);
            if (U32(header) != SegmentDynamic)
                continue;
            var end = U64(header + 8) + U64(header + 32);
            for (var entry = U64(header + 8); entry + 16 <= end && U64((int)entry) != 0; entry += 16)
            {
                if (U64((int)entry) == tag)
                    return U64((int)entry + 8);
            }
        }

        throw new InvalidDataException($"no dynamic entry {tag}");
    }

    /// <summary>The place in the file of what is loaded at an address.</summary>
    private int FromAddress(ulong address, ulong length)
    {
        for (var segment = 0; segment < U16(56); segment++)
        {
            var header = Segment(segment);
            var (offset, start, size) = (U64(header + 8), U64(header + 16), U64(header + 32));
            if (U32(header) == SegmentLoad && address >= start && address - start <= size && length <= size - (address - start))
                return At(offset + (address - start), length);
        }

        throw new InvalidDataException("an address outside the file");
    }

    private int Segment(int index) => At(U64(32) + (ulong)index * SegmentSize, SegmentSize);

    private string Text(uint offset)
    {
        Require(offset < _stringsEnd - _strings, "a name outside the string table");
        var start = _strings + (int)offset;
        var end = Array.IndexOf(_file, (byte)0, start, _stringsEnd - start);
        Require(end >= 0, "a name without an end");
        return Encoding.ASCII.GetString(_file, start, end - start);
    }

    private int At(ulong offset, ulong length)
    {
        Require(offset <= (ulong)_file.Length && length <= (ulong)_file.Length - offset, "a table outside the file");
        return (int)offset;
    }

    private ushort U16(int at) => BitConverter.ToUInt16(_file, At((ulong)at, 2));

    private uint U32(int at) => BitConverter.ToUInt32(_file, At((ulong)at, 4));

    private ulong U64(int at) => BitConverter.ToUInt64(_file, At((ulong)at, 8));

    private static uint Positive(uint step)
    {
        Require(step > 0, "a table that doesn't go on");
        return step;
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException(otherwise);
    }

    private readonly struct Symbol(int nameAt, string name, bool isImport, ushort version)
    {
        public int NameAt { get; } = nameAt;
        public string Name { get; } = name;
        public bool IsImport { get; } = isImport;
        public ushort Version { get; } = version;
    }

    private readonly struct Version(int at, string name, string library, ushort index)
    {
        public int At { get; } = at;
        public string Name { get; } = name;
        public string Library { get; } = library;
        public ushort Index { get; } = index;
    }
}

#if !IN_THE_LIBRARY
/// <summary>The edit as a step of the build.</summary>
public sealed class FixNativeLibrary : Microsoft.Build.Utilities.Task
{
    /// <summary>The library's path in the output folder.</summary>
    [Required]
    public string Library { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            var outcome = NativeLibraryFix.Apply(Library);
            var importance = outcome == NativeLibraryFixOutcome.Edited ? MessageImportance.Normal : MessageImportance.High;
            Log.LogMessage(importance, NativeLibraryFix.Describe(outcome, Library));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.LogError($"{Library} could not be edited: {failure.Message}");
        }

        return !Log.HasLoggedErrors;
    }
}
#endif
