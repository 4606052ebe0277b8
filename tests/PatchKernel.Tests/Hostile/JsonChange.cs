using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace PatchKernel.Tests.Hostile;

/// <summary>Changes of JSON text that know its structure.</summary>
internal static class JsonChange
{
    // A node can hold no number beyond double's, no key twice and no depth: the text has these letters there first.
    private const string Hole = "@hole@";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "2", "-1", "0.5", "1e0", "3", "64", "255", "4097", "16777216", "2147483646", "2147483647", "2147483648",
        "9223372036854775807", "-9223372036854775808", "99999999999999999999999", "1e-320", "1e-40", "1e39", "1e308", "1e999", "-1e999", "NaN", "Infinity", "01", "+1", "1.",
        "\"\"", "\"NaN\"", "\"1\"", "\"true\"", "\"..\"", "\"\\ud800\"", "\"\\u0000\"", "\"a\\u001b[31m\\nb\\u2028\\u202ec\"", "\"raw \u0001 control\"", "\"raw \n line\"",
        "{}", "[]", "[[]]", "[null]", "{\"a\": {}}", "{\"a\": 1, \"a\": 1}", "{\"a\": 1, \"a\": 2}", "[1, 2, 3]", "[\"a\", \"b\"]", "[0, 9223372036854775807, 2]",
        Text(1 << 20, "x"), Text(1000, "\\n"), Text(300_000, "\\u00e9"), $"1{new string('0', 100_000)}", $"0.{new string('1', 100_000)}",
        Nested(10), Nested(31), Nested(1000), Nested(100_000), Objects(40), Objects(100_000),
        $"[{string.Join(',', Enumerable.Repeat("0", 200_000))}]", $"[{string.Join(',', Enumerable.Repeat("[]", 100_000))}]",
        $"{{{string.Join(',', Enumerable.Range(0, 30_000).Select(i => $"\"k{i}\":{i}"))}}}",
    ];

    private static readonly string[] Keys = ["", "x", "model", "id", "a b", "\\ud800", "\\u0000\\n", "__metadata__", "ID", new('k', 300), new('k', 1 << 20)];

    private static readonly (string What, Func<byte[], byte[]> Apply)[] OfText =
    [
        ("empty", _ => []), ("a byte order mark", file => [0xEF, 0xBB, 0xBF, .. file]), ("blanks", file => [.. "  \n\t"u8, .. file, .. "  \n"u8]),
        ("UTF-16", file => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(file))),
        ("UTF-16 with its mark", file => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(file))]),
        ("Latin-1", file => [.. file.AsSpan(0, file.Length / 2), 0xE9, .. file.AsSpan(file.Length / 2)]), ("twice", file => [.. file, .. file]),
        ("a comment", file => [.. "/* a */"u8, .. file]), ("zeros", file => new byte[file.Length]), ("brackets", _ => [.. Enumerable.Repeat((byte)'[', 1_000_000)]),
        ("an array around it", file => [.. "["u8, .. file, .. "]"u8]),
    ];

    /// <summary>Any change, of the text or of what it says.</summary>
    /// <param name="known">Values that mean something in this kind of file, as JSON, by their key.</param>
    public static Gen<Change<byte[]>> Any(IReadOnlyDictionary<string, string[]> known)
    {
        var place = Gen.Double[0, 1].Array[1, 6];
        var value = Gen.OneOf(Pick.From(Values), Pick.From([.. known.Values.SelectMany(values => values)]));
        var key = Gen.OneOf(Pick.From(Keys), Pick.From([.. known.Keys]));
        var fitting = Pick.From([.. known]).SelectMany(entry => Pick.From(entry.Value).Select(raw => (entry.Key, Raw: raw)));
        var ofNodes = Gen.OneOf(
            Gen.Select(fitting, Gen.Double[0, 1], (pair, at) => OfKey(pair.Key, at, pair.Raw)),
            Gen.Select(key, Gen.Double[0, 1], value, OfKey),
            Gen.Select(place, value, (at, raw) => Of($"{Short(raw)}", at, (node, _) => Put(node, Hole), raw)),
            place.Select(at => Of("taken out", at, (node, _) => Remove(node))),
            Gen.Select(place, key, (at, name) => Of($"renamed {Short(name)}", at, (node, _) => Rename(node), name, isKey: true)),
            Gen.Select(place, key, value, (at, name, raw) => Of($"with {Short(name)}: {Short(raw)}", at, (node, _) => Add(node), $"{name}\":{raw},\"@", isKey: true)),
            Gen.Select(place, value, (at, raw) => Twice(at, raw)),
            place.Select(at => Twice(at, null)),
            Gen.Select(place, place, (at, from) => Of($"that of {Show(from)}", at, (node, root) => Put(node, Find(root, from)?.DeepClone()))),
            Gen.Select(place, place, (at, other) => Of($"swapped with {Show(other)}", at, (node, root) => Swap(node, Find(root, other)))));
        return Gen.Frequency(
            (8, ofNodes),
            (1, Pick.From(OfText).Select(change => new Change<byte[]>(change.What, change.Apply))),
            (2, ByteChange.Any(1)));
    }

    /// <summary>A node's key comes once more, with its own value or another.</summary>
    private static Change<byte[]> Twice(double[] at, string? raw)
    {
        var name = "";
        return new($"{Show(at)}: its key twice, with {(raw is null ? "its value" : Short(raw))}", file => Edit(file, root =>
        {
            if (Find(root, at) is not { Parent: JsonObject parent } node) return null;
            name = JsonSerializer.Serialize(node.GetPropertyName(), Plain)[1..^1];
            var again = raw ?? node.ToJsonString(Plain);
            parent[Hole] = 0;
            return text => text.Replace($"\"{Hole}\":0", $"\"{name}\":{again}", StringComparison.Ordinal);
        }));
    }

    private static Change<byte[]> Of(string what, double[] at, Action<JsonNode, JsonNode> change, string raw = "", bool isKey = false) =>
        new($"{Show(at)}: {what}", file => Edit(file, root =>
        {
            if (Find(root, at) is { } node) change(node, root);
            return text => text.Replace(isKey ? Hole : $"\"{Hole}\"", raw, StringComparison.Ordinal);
        }));

    /// <summary>One of the nodes of a key, or, where there is none, a new one at the top.</summary>
    private static Change<byte[]> OfKey(string key, double at, string raw) => new($"{Short(key)}, {at:F3} of them: {Short(raw)}", file => Edit(file, root =>
    {
        var all = OfKey(root, key).ToList();
        if (all.Count > 0) Put(all[(int)(at * (all.Count - 1))], Hole);
        else if (root is JsonObject top) top[key] = Hole;
        return text => text.Replace($"\"{Hole}\"", raw, StringComparison.Ordinal);
    }));

    /// <summary>Every node of a key. A node that is asked for its own key searches all of its parent's members, of which there may be hundreds of thousands.</summary>
    private static IEnumerable<JsonNode> OfKey(JsonNode node, string key) => node switch
    {
        JsonObject inner => inner.Where(member => member.Value is not null)
            .SelectMany(member => OfKey(member.Value!, key).Prepend(member.Value!).Where(found => found != member.Value || member.Key == key)),
        JsonArray inner => inner.OfType<JsonNode>().SelectMany(child => OfKey(child, key)),
        _ => [],
    };

    private static byte[] Edit(byte[] file, Func<JsonNode, Func<string, string>?> edit)
    {
        try
        {
            var root = JsonNode.Parse(file, documentOptions: new() { MaxDepth = 1000 })!;
            var fill = edit(root);
            var text = root.ToJsonString(Plain);
            return Encoding.UTF8.GetBytes(fill is null ? text : fill(text));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException) // an earlier change left no JSON
        {
            return file;
        }
    }

    private static JsonNode? Find(JsonNode? root, double[] at)
    {
        var node = root;
        foreach (var step in at)
        {
            List<JsonNode?> children = node switch
            {
                JsonObject inner => [.. inner.Select(member => member.Value)],
                JsonArray inner => [.. inner],
                _ => [],
            };
            if (children.Count == 0 || children[(int)(step * (children.Count - 1))] is not { } child) return node;
            node = child;
        }
        return node;
    }

    private static void Put(JsonNode node, JsonNode? value)
    {
        if (node.Parent is JsonObject inner) inner[node.GetPropertyName()] = value;
        else if (node.Parent is JsonArray array) array[node.GetElementIndex()] = value;
    }

    private static void Remove(JsonNode node)
    {
        if (node.Parent is JsonObject inner) inner.Remove(node.GetPropertyName());
        else if (node.Parent is JsonArray array) array.Remove(node);
    }

    private static void Rename(JsonNode node)
    {
        if (node.Parent is not JsonObject inner) return;
        inner.Remove(node.GetPropertyName());
        inner[Hole] = node;
    }

    private static void Add(JsonNode node)
    {
        if ((node as JsonObject ?? node.Parent as JsonObject) is { } inner) inner[Hole] = 0;
    }

    private static void Swap(JsonNode node, JsonNode? other)
    {
        if (other is null) return;
        var (first, second) = (node.DeepClone(), other.DeepClone());
        Put(node, second);
        if (other.Root == node.Root || other.Parent is not null) Put(other, first);
    }

    private static string Text(int length, string of) => $"\"{string.Concat(Enumerable.Repeat(of, length))}\"";

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string Objects(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private static string Show(double[] at) => string.Join('/', at.Select(step => step.ToString("F3", System.Globalization.CultureInfo.InvariantCulture)));

    private static string Short(string raw) => raw.Length <= 60 ? raw : $"{raw[..30]}… of {raw.Length} characters";
}
