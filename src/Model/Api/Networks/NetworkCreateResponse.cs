namespace Gantry.Model.Api;

/// <summary>Answer of <c>POST /networks/create</c>.</summary>
public sealed record NetworkCreateResponse
{
    public string? Id { get; init; }

    /// <summary>One text, empty when there is nothing to warn of.</summary>
    public string? Warning { get; init; }
}
