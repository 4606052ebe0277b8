using PatchKernel.Text;

namespace PatchKernel.Tests.Prompts;

public sealed class QuotedTests
{
    [Theory]
    [InlineData(" Isaac", "\" Isaac\"")]
    [InlineData(".\n", "\".\\n\"")]
    [InlineData("\r\t\"\\", "\"\\r\\t\\\"\\\\\"")]
    [InlineData("\0", "\"\\u0000\"")]
    [InlineData("a\u00a0\u200d\u2028", "\"a\\u00a0\\u200d\\u2028\"")]
    [InlineData("é字😀", "\"é字😀\"")]
    [InlineData("\U000f0000", "\"\\U000f0000\"")]
    public void What_cant_be_seen_is_escaped(string text, string expected) => Assert.Equal(expected, Quoted.Text(text));
}
