namespace Gantry.Model.Api;

/// <summary>Wire shape <c>EventActor</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition EventActor.</remarks>
public sealed record EventActor
{
    public string? ID { get; init; }

    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
}
