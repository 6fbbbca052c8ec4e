namespace Gantry.Build;

/// <summary>An answer to a question about a build: the metadata that it returns instead of a result.</summary>
public sealed record SubrequestReply
{
    /// <summary><c>result.json</c></summary>
    public required byte[] Json { get; init; }

    /// <summary><c>result.txt</c></summary>
    public required string Text { get; init; }

    /// <summary><c>version</c></summary>
    public string Version { get; init; } = Subrequests.Version;

    /// <summary><c>result.statuscode</c>: what the client exits with; null: the answer has none.</summary>
    public int? StatusCode { get; init; }
}
