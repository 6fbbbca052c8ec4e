using Gantry.Api.BuildKit.Wire;
using Grpc.Core;

namespace Gantry.Tests.System.BuildKit;

/// <summary>A build over gRPC that has ended.</summary>
internal sealed class GrpcBuild
{
    public required string Reference { get; init; }

    public Dictionary<string, string> Response { get; set; } = [];

    /// <summary>Null: it did not fail.</summary>
    public RpcException? Failure { get; set; }

    public List<StatusResponse> Progress { get; set; } = [];

    /// <summary>The states in which steps were last, by their names.</summary>
    public Dictionary<string, Vertex> Steps => Progress.SelectMany(static response => response.Vertexes).GroupBy(static vertex => vertex.Name).ToDictionary(static group => group.Key, static group => group.Last());

    public string Output => string.Concat(Progress.SelectMany(static response => response.Logs).Select(static log => log.Msg.ToStringUtf8()));

    public List<VertexWarning> Warnings => [.. Progress.SelectMany(static response => response.Warnings)];

    public GrpcBuild Succeeded() => Failure is null ? this : throw Failure;
}
