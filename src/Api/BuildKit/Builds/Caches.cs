using Gantry.Build;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>The caches outside the engine that a client names.</summary>
/// <remarks>Source: buildkit api/services/control, CacheOptionsEntry. A directory is a store of blobs of the client's session.</remarks>
internal static class Caches
{
    /// <summary>Those that steps may be taken from.</summary>
    public static IEnumerable<CacheSpec> Imports(Wire.SolveRequest request) => (request.Cache?.Imports ?? []).Select(Read);

    /// <summary>The same, as a frontend asks for it.</summary>
    public static IEnumerable<CacheSpec> Imports(Wire.Frontend.SolveRequest request) =>
        request.CacheImports.Select(static entry => new CacheSpec { Type = entry.Type, Attributes = entry.Attrs.ToDictionary(static a => a.Key, static a => a.Value, StringComparer.Ordinal) });

    /// <summary>Those that are to be written.</summary>
    public static IReadOnlyList<CacheSpec> Exports(Wire.SolveRequest request) => [.. (request.Cache?.Exports ?? []).Select(Read)];

    private static CacheSpec Read(Wire.CacheOptionsEntry entry) => new() { Type = entry.Type, Attributes = entry.Attrs.ToDictionary(static a => a.Key, static a => a.Value, StringComparer.Ordinal) };
}
