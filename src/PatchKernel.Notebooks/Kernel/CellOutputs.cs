using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Events;

namespace PatchKernel.Notebooks;

/// <summary>What one run of a cell shows, as its events arrive; an update replaces what it updates.</summary>
internal sealed class CellOutputs(int executionOrder)
{
    private readonly Lock gate = new();
    private readonly List<InteractiveDocumentOutputElement> outputs = [];
    private readonly Dictionary<string, int> displays = [];

    /// <summary>The outputs so far.</summary>
    public IReadOnlyList<InteractiveDocumentOutputElement> Now
    {
        get { lock (gate) return [.. outputs]; }
    }

    /// <summary>plotly.js, if a chart has brought it along; the outputs are kept without.</summary>
    public string? Plotly { get; private set; }

    /// <summary>Whether a chart is among the outputs.</summary>
    public bool HasChart { get; private set; }

    /// <summary>Takes one event of the kernel.</summary>
    /// <returns>Whether there is something new to see.</returns>
    public bool Take(KernelEvent happened)
    {
        lock (gate)
        {
            switch (happened)
            {
                case StandardOutputValueProduced text: Append("stdout", TextOf(text)); return true;
                case StandardErrorValueProduced text: Append("stderr", TextOf(text)); return true;
                case DisplayedValueUpdated update: return Update(update);
                case ReturnValueProduced value: Return(value); return true;
                case DisplayedValueProduced value: Display(value); return true;
                default: return false;
            }
        }
    }

    /// <summary>Ends with an error.</summary>
    public void Fail(CellError error)
    {
        lock (gate) outputs.Add(new ErrorElement(error.Message, error.Name, [error.Message]));
    }

    private void Return(ReturnValueProduced value)
    {
        var element = new ReturnValueElement { ExecutionOrder = executionOrder };
        foreach (var (type, text) in DataOf(value)) element.Data[type] = text;
        outputs.Add(element);
    }

    private void Display(DisplayEvent value)
    {
        if (value.ValueId is { } id) displays[id] = outputs.Count;
        outputs.Add(new DisplayElement(DataOf(value)));
    }

    private bool Update(DisplayedValueUpdated update)
    {
        if (update.ValueId is not { } id || !displays.TryGetValue(id, out var index)) return false;
        outputs[index] = new DisplayElement(DataOf(update));
        return true;
    }

    private void Append(string stream, string text)
    {
        if (outputs is [.., TextElement last] && last.Name == stream) outputs[^1] = new TextElement(last.Text + text, stream);
        else outputs.Add(new TextElement(text, stream));
    }

    private static string TextOf(DisplayEvent text) => string.Concat(text.FormattedValues.Select(value => value.Value));

    private Dictionary<string, object> DataOf(DisplayEvent value)
    {
        var data = new Dictionary<string, object>();
        foreach (var formatted in value.FormattedValues)
        {
            var text = PlotlyLibrary.TakeOut(formatted.Value, out var library);
            Plotly ??= library;
            HasChart |= library is not null || text.Contains("window.patchkernelCharts", StringComparison.Ordinal);
            data.TryAdd(formatted.MimeType, text);
        }
        return data;
    }
}
