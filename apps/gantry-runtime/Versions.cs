namespace Gantry.Apps.GantryRuntime;

/// <summary>What this program is, for <c>--version</c> and <c>features</c>.</summary>
internal static class Versions
{
    public const string Program = "0.1.0";

    /// <summary>The newest runtime-spec it implements.</summary>
    public const string Spec = "1.2.0";
}
