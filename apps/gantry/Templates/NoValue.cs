namespace Gantry.Cli.Templates;

/// <summary>What a map gives for a field that it has no key for: it prints as <c>&lt;no value&gt;</c>, and is false.</summary>
/// <remarks>Source: Go text/template, option missingkey=default. The function <c>index</c> gives the empty value instead.</remarks>
internal sealed class NoValue
{
    private NoValue()
    {
    }

    public static NoValue Instance { get; } = new();

    /// <inheritdoc/>
    public override string ToString() => "<no value>";
}
