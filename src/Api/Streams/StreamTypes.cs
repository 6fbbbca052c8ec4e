using Gantry.Api.Versions;

namespace Gantry.Api.Streams;

/// <summary>Content types of raw streams.</summary>
/// <remarks>Mirrors moby's change in API 1.42: clients are told whether frames follow.</remarks>
internal static class StreamTypes
{
    private static readonly ApiVersion Multiplexed = new(1, 42);

    public static string Of(bool terminal, ApiVersion version) =>
        terminal || version < Multiplexed ? "application/vnd.docker.raw-stream" : "application/vnd.docker.multiplexed-stream";
}
