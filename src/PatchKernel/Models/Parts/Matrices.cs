namespace PatchKernel;

/// <summary>Some of a block's matrices.</summary>
[Flags]
public enum Matrices
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>W_Q.</summary>
    Query = 1,

    /// <summary>W_K.</summary>
    Key = 2,

    /// <summary>W_V.</summary>
    Value = 4,

    /// <summary>W_O.</summary>
    Output = 8,

    /// <summary>Attention's four.</summary>
    Attention = Query | Key | Value | Output,

    /// <summary>W_gate.</summary>
    Gate = 16,

    /// <summary>W_in.</summary>
    In = 32,

    /// <summary>W_out.</summary>
    Out = 64,

    /// <summary>The MLP's three.</summary>
    Mlp = Gate | In | Out,
}
