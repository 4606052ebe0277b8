using System.Text;

namespace PatchKernel.Templates;

/// <summary>The text that statements write.</summary>
/// <param name="rendering">Counts.</param>
internal sealed class Output(Rendering rendering)
{
    private readonly StringBuilder text = new();

    /// <summary>Writes.</summary>
    public void Write(string part) => text.Append(rendering.Taken(part));

    /// <summary>What was written.</summary>
    public override string ToString() => text.ToString();
}
