using System.Security.Cryptography;
using Gantry.Api.BuildKit.Wire.Pb;
using Gantry.Model;
using Google.Protobuf;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Names a result of this engine as a graph of BuildKit's own (LLB): clients hand it back as what another build begins with.</summary>
/// <remarks>Source: buildkit client/llb/definition.go, whose reader of graphs this satisfies: a source and an op that points at it.</remarks>
internal static class ResultGraph
{
    private const string Scheme = "gantry-result://";

    /// <summary>The graph for a result's name.</summary>
    public static Definition Of(string name)
    {
        var source = new Op { Source = new SourceOp { Identifier = Scheme + name } }.ToByteString();
        var digest = Digest.OfSha256(SHA256.HashData(source.Span)).ToString();
        return new()
        {
            Def = { source, new Op { Inputs = { new Input { Digest = digest } } }.ToByteString() },
            Metadata = { [digest] = new OpMetadata() },
        };
    }

    /// <summary>The name in a graph; null: it is another graph.</summary>
    public static string? FindName(Definition graph) =>
        LlbOps.Read(graph) is { Target.Source.Identifier: { } identifier } && identifier.StartsWith(Scheme, StringComparison.Ordinal) ? identifier[Scheme.Length..] : null;
}
