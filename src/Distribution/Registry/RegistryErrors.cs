using System.Net;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Distribution;

/// <summary>What can go wrong with a registry, in Docker's words where clients know them.</summary>
internal static class RegistryErrors
{
    // Source: moby distribution/errors.go.
    public static GantryException ManifestUnknown(ImageReference reference, string cause) =>
        GantryException.Of(ErrorKind.NotFound, $"manifest for {reference.Familiar} not found: {cause}");

    public static GantryException AccessDenied(ImageReference reference, string cause) =>
        GantryException.Of(ErrorKind.NotFound, $"pull access denied for {reference.FamiliarName}, repository does not exist or may require 'docker login': {cause}");

    public static GantryException RepositoryUnknown(ImageReference reference, string cause) =>
        GantryException.Of(ErrorKind.NotFound, $"repository {reference.FamiliarName} not found: {cause}");

    public static GantryException Unauthorized(Uri address, string cause) =>
        GantryException.Of(ErrorKind.Unauthenticated, $"Get \"{Plain(address)}\": {cause}; log in with \"docker login {address.Authority}\"");

    public static GantryException Unreachable(Uri address, Exception cause) =>
        GantryException.Of(ErrorKind.Unavailable, $"cannot reach the registry {address.Authority}: {Reason(cause)}; check the network and the name{(address.Host.EndsWith("docker.io", StringComparison.Ordinal) ? ", or configure a mirror with --registry-mirror" : "")}", cause: cause);

    /// <summary>Turns a registry's refusal into an error.</summary>
    public static GantryException Of(HttpStatusCode status, byte[] body, ImageReference reference, Uri address)
    {
        var (code, message) = Parse(body);
        var known = code.Length > 0 ? $"{code.ToLowerInvariant().Replace('_', ' ')}: {message}" : $"{(int)status} {status}";
        return (code, status) switch
        {
            ("MANIFEST_UNKNOWN", _) => ManifestUnknown(reference, known),
            ("NAME_UNKNOWN", _) => RepositoryUnknown(reference, known),
            ("DENIED", _) => AccessDenied(reference, known),
            ("TOOMANYREQUESTS", _) or (_, HttpStatusCode.TooManyRequests) => GantryException.Of(ErrorKind.Exhausted, $"toomanyrequests: {(message.Length > 0 ? message : $"{address.Authority} limits how much may be pulled; wait, or log in for more")}"),
            ("UNAUTHORIZED", _) or (_, HttpStatusCode.Unauthorized) => AccessDenied(reference, code.Length > 0 ? known : "unauthorized: authentication required"),
            (_, HttpStatusCode.Forbidden) => AccessDenied(reference, "denied: requested access to the resource is denied"),
            (_, HttpStatusCode.NotFound) => ManifestUnknown(reference, "manifest unknown: manifest unknown"),
            _ => GantryException.Of(ErrorKind.Unavailable, $"the registry {address.Authority} answered {(int)status} {status} to {Plain(address)}{(code.Length > 0 ? ": " + known : "")}"),
        };
    }

    /// <summary>Turns a registry's refusal of something that is pushed into an error.</summary>
    /// <remarks>Source: containerd remotes/docker, whose words BuildKit's users know.</remarks>
    public static GantryException OfPush(HttpStatusCode status, byte[] body, ImageReference repository, Uri address)
    {
        var (code, message) = Parse(body);
        var known = code.Length > 0 ? $"{code.ToLowerInvariant().Replace('_', ' ')}: {message}" : $"{(int)status} {status}";
        return (code, status) switch
        {
            ("TOOMANYREQUESTS", _) or (_, HttpStatusCode.TooManyRequests) => GantryException.Of(ErrorKind.Exhausted, $"toomanyrequests: {(message.Length > 0 ? message : $"{address.Authority} limits how much may be pushed; wait, and push again")}"),
            ("DENIED" or "UNAUTHORIZED", _) or (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) =>
                GantryException.Of(ErrorKind.Forbidden, $"push access denied, repository {repository.FamiliarName} does not exist or may require authorization: {known}; log in with \"docker login {repository.Domain}\""),
            (_, HttpStatusCode.NotFound) => GantryException.Of(ErrorKind.NotFound, $"repository {repository.FamiliarName} cannot be pushed to: {known}"),
            (_, >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError) => GantryException.Of(ErrorKind.Invalid, $"the registry {address.Authority} does not take what is pushed to {repository.FamiliarName}: {known}"),
            _ => GantryException.Of(ErrorKind.Unavailable, $"the registry {address.Authority} answered {(int)status} {status} to {Plain(address)}{(code.Length > 0 ? ": " + known : "")}"),
        };
    }

    /// <summary>An address without what may be secret: redirects to storage carry signatures in the query.</summary>
    public static string Plain(Uri address) => address.GetLeftPart(UriPartial.Path);

    private static string Reason(Exception cause) => cause switch
    {
        HttpRequestException { InnerException: { } inner } => inner.Message,
        TaskCanceledException or TimeoutException => "it does not answer",
        _ => cause.Message,
    };

    private static (string Code, string Message) Parse(byte[] body)
    {
        try
        {
            var error = JsonSerializer.Deserialize(body, DistributionJsonContext.Default.RegistryErrorBody)?.Errors is [{ } first, ..] ? first : null;
            return (error?.Code ?? "", Printable(error?.Message ?? ""));
        }
        catch (JsonException)
        {
            return ("", "");
        }
    }

    private static string Printable(string text) => string.Concat(text.Take(500).Select(c => char.IsControl(c) ? ' ' : c));
}
