"""python3 jinja.py jinja.json: writes anew what jinja2 makes of each template in it, in the environment that transformers sets up for chat templates."""
import json, sys
import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2 import nodes

class Generation(Extension):
    tags = {"generation"}
    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_support"), [], [], body).set_lineno(line)
    def _support(self, caller):
        return caller()

def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)

def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception

M = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Grüße, 👩‍🔬!"}, {"role": "assistant", "content": None, "n": 3}]
D = {"b": 1, "a": [1, 2.5, None, True], "c": {"x": "y", "items": "z"}, "d": "it's \"q\"\n\t\\é\u200b"}
V = {"messages": M, "d": D, "s": "  Hello, wörld! it's ß  ", "n": 7, "f": 2.5, "l": [3, 1, 2], "e": "", "t": "a,b,,c", "w": " one  two\tthree\n"}
file = sys.argv[1]
cases = json.load(open(file, encoding="utf-8"))["cases"]
for case in cases:
    for key in ("text", "error", "kind"):
        case.pop(key, None)
    try:
        case["text"] = env.from_string(case["template"]).render(**V)
    except Exception as e:
        case["error"] = str(e)
        case["kind"] = type(e).__name__
json.dump({"jinja2": jinja2.__version__, "variables": V, "cases": cases}, open(file, "w", encoding="utf-8"), ensure_ascii=False, indent=1)
