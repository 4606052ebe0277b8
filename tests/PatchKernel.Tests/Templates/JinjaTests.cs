using System.Text.Json;
using PatchKernel.Templates;

namespace PatchKernel.Tests.Templates;

/// <summary>Templates against jinja2 itself, in transformers' sandbox.</summary>
public sealed class JinjaTests
{
    private static readonly JsonElement Facts = JsonDocument.Parse(File.ReadAllText(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "chat", "jinja.json"))).RootElement;

    private static readonly Dictionary<string, object?> Variables = Facts.GetProperty("variables").EnumerateObject().ToDictionary(entry => entry.Name, entry => Values.Of(entry.Value));

    public static TheoryData<string> Cases(bool fails) => [.. Facts.GetProperty("cases").EnumerateArray()
        .Where(entry => entry.TryGetProperty("error", out _) == fails).Select(entry => entry.GetProperty("template").GetString()!)];

    internal static string Render(string template, TimeProvider? clock = null) => Template.Parse(template).Render(Variables, 0, clock ?? TimeProvider.System);

    private static JsonElement Find(string template) => Facts.GetProperty("cases").EnumerateArray().First(entry => entry.GetProperty("template").GetString() == template);

    [Theory, MemberData(nameof(Cases), false)]
    public void It_gives_jinja2s_text(string template) => Assert.Equal(Find(template).GetProperty("text").GetString(), Render(template));

    [Theory, MemberData(nameof(Cases), true)]
    public void It_fails_where_jinja2_fails(string template)
    {
        var error = Assert.Throws<TemplateError>(() => Render(template));
        var (kind, message) = (Find(template).GetProperty("kind").GetString(), Find(template).GetProperty("error").GetString());
        // What is wrong with a template's syntax may be said in other words.
        Assert.Equal(kind is "TemplateSyntaxError" or "SyntaxError", error.Fault == TemplateFault.Syntax);
        if (error.Fault != TemplateFault.Syntax) Assert.Equal(message, error.Message);
    }

    [Fact]
    public void A_raised_message_is_told_apart() => Assert.Equal(TemplateFault.Raised, Assert.Throws<TemplateError>(() => Render("{{ raise_exception('no') }}")).Fault);

    [Theory]
    [InlineData("\n\n{{ 1 | pprint }}", "the filter \"pprint\"", 3)]
    [InlineData("{{ l | map('pprint') | list }}", "the filter \"pprint\"", 1)]
    [InlineData("{% for x in l recursive %}{% endfor %}", "a loop that is recursive", 1)]
    [InlineData("a\n{% include 'x' %}", "the statement \"include\"", 2)]
    [InlineData("{% block x %}{% endblock %}", "the statement \"block\"", 1)]
    [InlineData("{{ s.encode() }}", "the method \"encode\" of a text", 1)]
    [InlineData("{{ cycler(1) }}", "the function \"cycler\"", 1)]
    [InlineData("{{ s.upper }}", "printing a builtin_function_or_method", 1)]
    [InlineData("{{ l | map('upper') }}", "printing a generator", 1)]
    [InlineData("{{ (s | safe) + '<' }}", "the operator + with a text that is marked safe", 1)]
    [InlineData("{{ 9223372036854775807 + 1 }}", "a whole number of more than 64 bits", 1)]
    [InlineData("{{ 9223372036854775808 }}", "a whole number of more than 64 bits", 1)]
    [InlineData("{{ 10 ** 40 }}", "a whole number of more than 64 bits", 1)]
    [InlineData("{{ '%e' % 1.0 }}", "the format %e", 1)]
    [InlineData("{{ '{:>5}'.format(1) }}", "the format {:>5}", 1)]
    [InlineData("{{ strftime_now('%G') }}", "the sign %G of a time", 1)]
    public void What_is_not_supported_is_refused_by_name(string template, string name, int line)
    {
        var error = Assert.Throws<TemplateError>(() => Render(template));
        Assert.Equal((TemplateFault.Unsupported, name, line), (error.Fault, error.Message, error.Line));
    }

    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{{ 'a' * 9223372036854775807 }}")]
    [InlineData("{{ [1] * 9223372036854775807 }}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}")]
    [InlineData("{% set ns = namespace(x={'a': 1}) %}{% for i in range(100) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.a = [ns, ns] %}{{ ns }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{{ a in a ~ 'b' }}{% endfor %}")]
    [InlineData("{% set a = 'a' * 3000000 %}{{ (a ~ 'b').count(a) }}{{ ('a' * 3000000).replace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' * 20000, '') }}")]
    [InlineData("{{ 'x' | center(9000000000) }}")]
    [InlineData("{{ '%999999999d' % 1 }}")]
    [InlineData("{{ [1, [2]] | tojson(indent='a' * 15000000) }}")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% for i in range(100000) %}{{ range(100000) | sort | length }}{% endfor %}")]
    public void No_template_runs_for_ever_or_takes_memory_without_end(string template)
    {
        // How deep is too deep is the stack's to say, and threads have different ones.
        TemplateError? error = null;
        var thread = new Thread(() => error = Record.Exception(() => Render(template)) as TemplateError, maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
        Assert.Equal(TemplateFault.TooMuch, error?.Fault);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("1 + ", "")]
    [InlineData("x if 1 else ", "")]
    [InlineData("{1: ", "}")]
    public void Depth_has_an_end(string open, string close)
    {
        const int depth = 100_000;
        var template = $"{{{{ {string.Concat(Enumerable.Repeat(open, depth))}1{string.Concat(Enumerable.Repeat(close, depth))} }}}}";
        var blocks = string.Concat(Enumerable.Repeat("{% if 1 %}", depth)) + string.Concat(Enumerable.Repeat("{% endif %}", depth));
        // How deep is too deep is the stack's to say, and threads have different ones.
        List<TemplateError?> errors = [];
        var thread = new Thread(() => errors = [.. new[] { template, blocks }.Select(text => Record.Exception(() => Render(text)) as TemplateError)], maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
        Assert.Equal([TemplateFault.TooMuch, TemplateFault.TooMuch], errors.Select(error => error?.Fault ?? default));
    }

    [Fact]
    public void What_nests_when_it_runs_has_an_end_too()
    {
        var filters = $"{{% filter {string.Join('|', Enumerable.Repeat("upper", 400_000))} %}}a{{% endfilter %}}";
        const string generators = "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = ns.x|map('string') %}{% endfor %}{{ ns.x|list }}";
        const string keys = "{% set ns = namespace(x=()) %}{% for i in range(6300) %}{% set ns.x = (ns.x,) %}{% endfor %}{{ {ns.x: 1}|length }}";
        List<Exception?> errors = [];
        var thread = new Thread(() => errors = [.. new[] { filters, generators, keys }.Select(text => Record.Exception(() => Render(text)))], maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
        Assert.All(errors, error => Assert.True(error is null or TemplateError { Fault: TemplateFault.TooMuch }, $"{error}"));
        Assert.Equal(3, errors.Count);
    }

    [Theory]
    [InlineData("{{ [1]|slice(1000000000000000000)|list }}")]
    [InlineData("{{ 9223372036854775807|round(-1) }}")]
    [InlineData("{% for i in range(3000) %}{% set x = {}.get(range(100000)) %}{% endfor %}")]
    public void Numbers_and_keys_beyond_all_bounds_are_refused(string template) => Assert.Throws<TemplateError>(() => Render(template));

    [Fact]
    public void A_list_may_take_the_place_of_a_shorter_one_again_and_again() =>
        Assert.Equal("950", Render("{% set ns = namespace(l=[]) %}{% for i in range(950) %}{% set ns.l = ns.l + [i] %}{% endfor %}{{ ns.l|length }}"));

    [Fact]
    public void The_time_is_the_machines_in_Pythons_format()
    {
        var clock = new FixedClock(new DateTimeOffset(2026, 7, 4, 9, 5, 3, TimeSpan.Zero));
        Assert.Equal(
            "04 Jul 2026|2026-07-04|Saturday, July 4|09:05:03 AM|185|7/4/26|% ",
            Render("{{ strftime_now('%d %b %Y|%Y-%m-%d|%A, %B %-d|%H:%M:%S %p|%j|%-m/%-d/%y|%% ') }}", clock));
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
