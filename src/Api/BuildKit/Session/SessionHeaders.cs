using Microsoft.AspNetCore.Http;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Session;

/// <summary>What a client says of itself when it opens a session.</summary>
/// <remarks>Source: buildkit session/session.go and session/manager.go.</remarks>
internal sealed record SessionHeaders
{
    /// <summary>As in a build's request.</summary>
    public required string Id { get; init; }

    /// <summary>Builds of the same client's directory have the same; empty: it has none.</summary>
    public string SharedKey { get; init; } = "";

    /// <summary>What the client answers to, as in <c>/service/method</c>, in small letters.</summary>
    public required IReadOnlySet<string> Methods { get; init; }

    /// <exception cref="GantryException">Invalid: no identifier.</exception>
    public static SessionHeaders Read(IHeaderDictionary headers)
    {
        var id = headers["X-Docker-Expose-Session-Uuid"].ToString();
        if (id.Length is 0 or > 200)
            throw GantryException.Of(ErrorKind.Invalid, "a session needs the header X-Docker-Expose-Session-Uuid with an identifier of at most 200 characters");
        return new()
        {
            Id = id,
            SharedKey = headers["X-Docker-Expose-Session-Sharedkey"].ToString(),
            Methods = headers["X-Docker-Expose-Session-Grpc-Method"].Select(static m => (m ?? "").ToLowerInvariant()).ToHashSet(StringComparer.Ordinal),
        };
    }
}
