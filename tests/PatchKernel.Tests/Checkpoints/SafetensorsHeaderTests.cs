using System.Text;
using PatchKernel.Safetensors;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>What a header may say, and what is said where it says something else.</summary>
public sealed class SafetensorsHeaderTests
{
    private static IReadOnlyList<StoredTensor> Parse(string header, long dataBytes) =>
        SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(header), dataBytes, "some.safetensors");

    private static void Refused(string header, long dataBytes, params string[] said)
    {
        var message = Assert.Throws<PatchKernelException>(() => Parse(header, dataBytes)).Message;
        Assert.All(said, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Contains("some.safetensors", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Tensors_are_listed_in_the_order_of_their_data()
    {
        var tensors = Parse(
            """
            {"__metadata__": {"format": "pt"}, "b": {"dtype": "F16", "shape": [2, 3], "data_offsets": [4, 16]},
             "a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}
            """,
            dataBytes: 16);
        Assert.Equal(["a", "b"], tensors.Select(tensor => tensor.Name));
        Assert.Equal([2, 3], tensors[1].Shape);
        Assert.Empty(tensors[0].Shape);
        Assert.Equal((4, 16), (tensors[1].Begin, tensors[1].End));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"__metadata__": null}""")]
    [InlineData("{}      ")]
    public void A_header_may_be_empty_or_padded_with_blanks(string header) => Assert.Empty(Parse(header, dataBytes: 0));

    [Fact]
    public void Empty_tensors_need_no_bytes_and_may_share_a_place()
    {
        var tensors = Parse(
            """
            {"full": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "empty": {"dtype": "F32", "shape": [0, 7], "data_offsets": [0, 0]},
             "last": {"dtype": "F64", "shape": [0], "data_offsets": [4, 4]}}
            """,
            dataBytes: 4);
        Assert.Equal(3, tensors.Count);
    }

    [Fact]
    public void Four_bit_elements_must_fill_whole_bytes()
    {
        Assert.Single(Parse("""{"x": {"dtype": "F4", "shape": [2, 3], "data_offsets": [0, 3]}}""", dataBytes: 3));
        Refused("""{"x": {"dtype": "F4", "shape": [3], "data_offsets": [0, 2]}}""", 2, "'x'", "[3]", "no whole number of bytes");
    }

    [Theory]
    [InlineData("", "isn't valid JSON at line 1, column 1")]
    [InlineData("{", "isn't valid JSON")]
    [InlineData("[]", "isn't a JSON object")]
    [InlineData("{} {}", "isn't valid JSON")]
    [InlineData("{\n  \"x\": oops\n}", "isn't valid JSON at line 2, column 8")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [NaN], "data_offsets": [0, 4]}}""", "isn't valid JSON")]
    [InlineData("""{"\ud800": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}""", "isn't valid JSON")]
    public void A_header_that_is_no_JSON_object_is_refused(string header, string said) => Refused(header, 4, said);

    [Fact]
    public void A_header_that_is_no_UTF8_is_refused()
    {
        var header = Encoding.Latin1.GetBytes("""{"é": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}""");
        var error = Assert.Throws<PatchKernelException>(() => SafetensorsHeader.Parse(header, 4, "some.safetensors"));
        Assert.Contains("isn't UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused() => Refused($$$"""{"x": {{{new string('[', 1000)}}}{{{new string(']', 1000)}}}}""", 0, "isn't valid JSON", "nests deeper than");

    [Theory]
    [InlineData("a")]
    [InlineData(@"\u0061")] // the same letter, spelled otherwise
    public void A_name_that_comes_twice_is_refused(string again) => Refused(
        $$$"""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "{{{again}}}": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}""", 8, "isn't valid JSON");

    [Theory]
    [InlineData("""{"x": 5}""", "isn't described by an object")]
    [InlineData("""{"x": {"shape": [1], "data_offsets": [0, 4]}}""", "has no dtype")]
    [InlineData("""{"x": {"dtype": 32, "shape": [1], "data_offsets": [0, 4]}}""", "has no dtype")]
    [InlineData("""{"x": {"dtype": "Q4_K", "shape": [1], "data_offsets": [0, 4]}}""", "the dtype \"Q4_K\"")]
    [InlineData("""{"x": {"dtype": "F32", "data_offsets": [0, 4]}}""", "no shape")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}""", "no shape")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]}}""", "no shape")]
    [InlineData("""{"x": {"dtype": "F32", "shape": ["1"], "data_offsets": [0, 4]}}""", "no shape")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [99999999999999999999], "data_offsets": [0, 4]}}""", "no shape")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [1]}}""", "no data_offsets")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [1], "data_offsets": [4]}}""", "no data_offsets")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 2, 4]}}""", "no data_offsets")]
    [InlineData("""{"x": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}""", "no data_offsets")]
    [InlineData("""{"__metadata__": {"format": 3}}""", "__metadata__")]
    [InlineData("""{"__metadata__": "pt"}""", "__metadata__")]
    public void An_entry_that_lacks_something_is_refused(string header, string said) => Refused(header, 4, said);

    [Theory]
    [InlineData("[1073741824, 1073741824, 1073741824]")]
    [InlineData("[4611686018427387904, 2]")]
    [InlineData("[0, 4611686018427387904, 4611686018427387904]")]
    public void A_shape_whose_size_overflows_is_refused(string shape) =>
        Refused($$$"""{"x": {"dtype": "F32", "shape": {{{shape}}}, "data_offsets": [0, 0]}}""", 0, "'x'", shape);

    [Fact]
    public void More_axes_than_torch_has_are_refused() =>
        Refused($$$"""{"x": {"dtype": "F32", "shape": [{{{string.Join(',', Enumerable.Repeat(1, 65))}}}], "data_offsets": [0, 4]}}""", 4, "65 axes");

    [Fact]
    public void A_byte_range_that_differs_from_the_shapes_size_is_refused() =>
        Refused("""{"x": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 13]}}""", 13, "'x'", "needs 12 bytes", "BF16 [2, 3]", "has 13");

    [Fact]
    public void A_tensor_that_ends_after_the_file_is_refused() =>
        Refused("""{"x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}""", 10, "'x'", "byte 16", "only 10", "cut off");

    [Fact]
    public void Overlapping_tensors_are_refused() => Refused(
        """{"x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "y": {"dtype": "F32", "shape": [4], "data_offsets": [8, 24]}}""", 24, "'y'", "overlaps", "'x'");

    [Fact]
    public void A_hole_between_tensors_is_refused() => Refused(
        """{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "y": {"dtype": "F32", "shape": [1], "data_offsets": [9, 13]}}""", 13, "'y'", "hole of 5 bytes");

    [Fact]
    public void Bytes_before_the_first_and_after_the_last_tensor_are_refused()
    {
        Refused("""{"x": {"dtype": "F32", "shape": [1], "data_offsets": [1, 5]}}""", 5, "'x'", "hole of 1 bytes");
        Refused("""{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}""", 7, "3 bytes after its last tensor");
    }

    [Fact]
    public void Names_are_shown_on_one_line_and_cut() => Refused(
        $$$"""{"a\nb\u001b[31m\u2028{{{new string('x', 1000)}}}": 5}""", 0, "'a b\\u001b[31m xxx", "…'");
}
