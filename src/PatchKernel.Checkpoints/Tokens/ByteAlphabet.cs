using System.Text;

namespace PatchKernel.Tokens;

/// <summary>The visible letters that stand for bytes in a byte-level vocabulary: a space is Ġ, a line end Ċ.</summary>
/// <remarks>Radford et al. 2019, "Language Models are Unsupervised Multitask Learners" (GPT-2's bytes_to_unicode).</remarks>
internal static class ByteAlphabet
{
    private const int FirstStandIn = 256;
    private const int ShortText = 256;
    private static readonly char[] LetterOfByte = Letters();
    private static readonly Dictionary<char, byte> ByteOfLetter =
        LetterOfByte.Select((letter, value) => (letter, (byte)value)).ToDictionary();

    /// <summary>The letters of a text's UTF-8 bytes.</summary>
    public static string FromText(string text) =>
        string.Create(Encoding.UTF8.GetByteCount(text), text, (letters, source) =>
        {
            var bytes = letters.Length <= ShortText ? stackalloc byte[ShortText] : new byte[letters.Length];
            Encoding.UTF8.GetBytes(source, bytes);
            for (var i = 0; i < letters.Length; i++) letters[i] = LetterOfByte[bytes[i]];
        });

    /// <summary>The bytes that a token stands for; a token with a letter outside the alphabet stands for its own UTF-8.</summary>
    public static byte[] ToBytes(string token) =>
        token.All(ByteOfLetter.ContainsKey) ? [.. token.Select(letter => ByteOfLetter[letter])] : Encoding.UTF8.GetBytes(token);

    /// <summary>The text of bytes, with U+FFFD where they are none.</summary>
    public static string ToText(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>The text of bytes, with a label such as &lt;0xE2 0x80&gt; for those that are part of a character only.</summary>
    public static string ToLabel(ReadOnlySpan<byte> bytes)
    {
        var label = new StringBuilder();
        var broken = new List<string>();
        while (!bytes.IsEmpty)
        {
            var whole = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (whole)
            {
                AppendBroken();
                label.Append(rune.ToString());
            }
            else
                foreach (var value in bytes[..length]) broken.Add($"0x{value:X2}");
            bytes = bytes[length..];
        }
        AppendBroken();
        return label.ToString();

        void AppendBroken()
        {
            if (broken.Count > 0) label.Append('<').AppendJoin(' ', broken).Append('>');
            broken.Clear();
        }
    }

    private static char[] Letters()
    {
        var letters = new char[256];
        var standIn = FirstStandIn;
        for (var value = 0; value < letters.Length; value++)
            letters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : (char)standIn++;
        return letters;
    }
}
