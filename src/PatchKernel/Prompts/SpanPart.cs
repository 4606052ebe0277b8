namespace PatchKernel;

/// <summary>Which tokens of a span a role is.</summary>
public enum SpanPart
{
    /// <summary>Its first token.</summary>
    First,

    /// <summary>Its last token.</summary>
    Last,

    /// <summary>Each of its tokens is a cell of its own, patched from its counterpart.</summary>
    Each,

    /// <summary>All of its tokens in one cell, each patched from its counterpart.</summary>
    All,

    /// <summary>All of its tokens in one cell, each patched with the mean over the other prompt's span.</summary>
    Mean,
}
