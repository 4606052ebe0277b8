namespace PatchKernel.Tables;

/// <summary>What tables call the controls.</summary>
internal static class ControlNames
{
    /// <summary>The role of a random position.</summary>
    public const string RandomRole = "random";

    /// <summary>The source of another pair's run.</summary>
    public const string ShuffledSource = "shuffled";
}
