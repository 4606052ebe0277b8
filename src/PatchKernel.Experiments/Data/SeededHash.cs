using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PatchKernel.Data;

/// <summary>Numbers that look random: the same for a seed and a name everywhere, and in every version of .NET.</summary>
internal static class SeededHash
{
    /// <summary>The number of a name.</summary>
    /// <param name="what">What is drawn, so that two draws don't go together.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="name">The name.</param>
    public static ulong Of(string what, int seed, string name) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{what}\n{seed}\n{name}"))));
}
