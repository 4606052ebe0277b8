using System.Text.Json;

namespace PatchKernel.Tests.Browser;

/// <summary>Where a chart's texts, data and colours lie on a page, as the browser has drawn them.</summary>
public sealed record RenderedBoxes(IReadOnlyList<RenderedBoxes.Box> All, float Width)
{
    // Letters don't fill their line, above and below.
    private const float Air = 2.5f, Touch = 1;

    /// <summary>Something with its kind.</summary>
    public sealed record Box(string Kind, string Text, float Left, float Top, float Right, float Bottom)
    {
        /// <summary>Whether it covers a part of another one.</summary>
        public bool Covers(Box other) =>
            Math.Min(Right, other.Right) - Math.Max(Left, other.Left) > Touch && Math.Min(Low(this), Low(other)) - Math.Max(High(this), High(other)) > Touch;

        private static float High(Box box) => box.Text.Length > 0 ? box.Top + Air : box.Top;

        private static float Low(Box box) => box.Text.Length > 0 ? box.Bottom - Air : box.Bottom;
    }

    /// <summary>Those of the first chart.</summary>
    public static async Task<RenderedBoxes> OfAsync(OpenPage page)
    {
        var json = await page.EvaluateAsync<string>(
            """
            (() => {
              const chart = document.querySelector(".js-plotly-plot");
              const kinds = { label: ".cartesianlayer [class*='tick'] > text", title: ".infolayer > [class^='g-'] text", note: ".annotation text", shape: ".shapelayer path",
                data: ".nsewdrag", bar: ".colorbar .cbfills", value: ".colorbar .cbaxis text", name: ".colorbar .cbtitle text", curve: ".legend .legendtext" };
              const found = [];
              for (const [kind, selector] of Object.entries(kinds))
                for (const element of chart.querySelectorAll(selector)) {
                  const box = element.getBoundingClientRect();
                  // What is written in a graph's boxes lies over the data.
                  const note = element.closest(".annotation");
                  const inside = note && /^x\d*$/.test(chart.layout.annotations[note.dataset.index].xref);
                  if (box.width > 0) found.push({ Kind: inside ? "inside" : kind, Text: element.textContent, Left: box.left, Top: box.top, Right: box.right, Bottom: box.bottom });
                }
              return JSON.stringify(found);
            })()
            """);
        return new(JsonSerializer.Deserialize<Box[]>(json)!, await page.EvaluateAsync<float>("document.documentElement.clientWidth"));
    }

    /// <summary>Those of a kind.</summary>
    public IReadOnlyList<Box> Of(string kind) => [.. All.Where(box => box.Kind == kind)];

    /// <summary>Fails where one lies over another or leaves the page; boxes lie over the data, and what is written in them over both.</summary>
    public void AreApart()
    {
        var layers = All.GroupBy(box => box.Kind is "inside" or "shape" ? box.Kind : "").Select(layer => layer.ToArray());
        var covering = layers.SelectMany(boxes => boxes.SelectMany((box, i) => boxes.Skip(i + 1).Where(box.Covers).Select(other => $"{box} over {other}")));
        var outside = All.Where(box => box.Left < -Touch || box.Right > Width + Touch).Select(box => $"{box} leaves the page of {Width}");
        string[] faults = [.. covering.Concat(outside).Take(5)];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }
}
