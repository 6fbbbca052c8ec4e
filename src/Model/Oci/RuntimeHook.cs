namespace Gantry.Model.Oci;

/// <summary>One hook; the container's state goes to its standard input as JSON.</summary>
public sealed record RuntimeHook
{
    public required string Path { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>Seconds.</summary>
    public int? Timeout { get; init; }
}
