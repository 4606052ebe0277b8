using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace PatchKernel.Tests.Hostile;

/// <summary>Chat templates, changed in every way: a text or one sentence, in bounded time and memory.</summary>
[Collection(nameof(Alone))]
public sealed class HostileTemplateTests
{
    private static readonly string[] Names = ["smollm2", "inst", "turns", "pipes", "namespace", "json"];

    private static readonly string[] Templates = [.. Names.Select(name => JsonNode.Parse(
        File.ReadAllText(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "chat", "conversations", $"{name}.json")))!["chat_template"]!.GetValue<string>())];

    // What templates are made of: pieces of them in a place where nobody expects them.
    private static readonly string[] Pieces =
    [
        "{% for x in messages %}", "{% endfor %}", "{% if x %}", "{% else %}", "{% endif %}", "{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "{% set x = messages %}", "{% macro m(a, b=1) %}",
        "{% endmacro %}", "{{ m(m) }}", "{{ messages * 1000000000 }}", "{{ 'ab' * 99999999 }}", "{% for i in range(99999) %}", "{% set ns.x = ns %}", "{% set ns = namespace(x=ns) %}", "| tojson", "| length",
        "| sort", "| list", "| map(attribute='role')", "is defined", "is mapping", "[::-1]", "[0]", "[-99999999999]", ".items()", ".split('')", ".replace('', x)", " in ", " ~ ", " + ", " ** 99999 ", " // 0 ",
        "(", ")", "[", "]", "{", "}", "'", "\"", "\\", "\\x", "\\u12", "99999999999999999999", "1e999", "\ud83d", "\u0000", "not ", "-", "{% raw %}", "{% endraw %}", "{% break %}", "{% call m() %}", "{% endcall %}",
        "{{ raise_exception(messages) }}", "{{ loop }}", "%s", "{{ '%99999d' % 1 }}", "{{ ''.join(messages) }}", "| indent(99999999)", "| center(999999999)", "{% generation %}", "{% with a = messages %}",
    ];

    private static readonly Gen<Func<string, string>> Change = Gen.OneOf<Func<string, string>>(
        Gen.Select(Gen.Double[0, 1], Gen.Int[1, 30]).Select((at, length) => (Func<string, string>)(text => text.Remove((int)(at * (text.Length - 1)), Math.Min(length, text.Length - (int)(at * (text.Length - 1)))))),
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i])).Select((at, piece) => (Func<string, string>)(text => text.Insert((int)(at * text.Length), piece))),
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.Int[1, 80]).Select((from, to, length) => (Func<string, string>)(text =>
            text.Insert((int)(to * text.Length), text.Substring((int)(from * (text.Length - 1)), Math.Min(length, text.Length - (int)(from * (text.Length - 1))))))),
        Gen.Select(Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]), Gen.Int[2, 3000]).Select((piece, times) => (Func<string, string>)(text => text + string.Concat(Enumerable.Repeat(piece, times)))));

    [Fact]
    public void Any_template_gives_a_text_or_one_sentence()
    {
        using var model = new BytesModel();
        var tally = new Tally();
        Gen.Select(Gen.Int[0, Templates.Length - 1].Select(i => Templates[i]), Change.Array[1, 3]).Sample((template, changes) =>
        {
            var changed = changes.Aggregate(template, (text, change) => text.Length < 2 ? text : change(text));
            var bytes = Encoding.UTF8.GetBytes(changed);
            File.Delete(model.File("chat_template.jinja"));
            File.WriteAllBytes(model.File("chat_template.jinja"), bytes);
            tally.Add(Trial.Refusal(model.Path, bytes.Length, () => Assert.NotNull(
                ChatTemplate.Load(model.Path).Render([("system", "Be brief."), ("user", "Who was {{ Isaac }} Newton?"), ("assistant", "<think>\nhm\n</think>\n\nA man.")]))));
        }, iter: Trial.Count, threads: 1);
        tally.Check();
    }

    [Fact]
    public void Any_config_beside_gives_a_text_or_one_sentence()
    {
        using var model = new BytesModel();
        var good = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
        {
            bos_token = "<s>",
            eos_token = new { content = "</s>" },
            chat_template = new[] { new { name = "default", template = Templates[1] }, new { name = "tool_use", template = "x" } },
        }));
        var tally = new Tally();
        JsonChange.Any(new Dictionary<string, string[]>
        {
            ["chat_template"] = ["null", "\"{{ 1 }}\"", "[]", "{}", "[{\"name\": \"default\"}]"],
            ["name"] = ["\"default\"", "null", "1"],
            ["template"] = ["\"\"", "null", "\"{{\"", "[]"],
        }).Array[1, 2].Sample(some =>
        {
            var bytes = some.All(good);
            File.Delete(model.File("tokenizer_config.json"));
            File.WriteAllBytes(model.File("tokenizer_config.json"), bytes);
            tally.Add(Trial.Refusal(model.Path, bytes.Length, () => Assert.NotNull(ChatTemplate.Load(model.Path).Render([("user", "hi")]))));
        }, iter: Trial.Count, threads: 1, print: some => string.Join("; ", (object[])some));
        tally.Check();
    }
}
