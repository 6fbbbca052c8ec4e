namespace Gantry.Model.Api;

/// <summary>Body of <c>POST /exec/{id}/start</c>.</summary>
/// <remarks>Source: Engine API 1.56, ExecStart.</remarks>
public sealed record ExecStartRequest
{
    public bool? Detach { get; init; }

    public bool? Tty { get; init; }

    /// <summary>Height and width of the first terminal, in cells.</summary>
    public IReadOnlyList<long>? ConsoleSize { get; init; }
}
