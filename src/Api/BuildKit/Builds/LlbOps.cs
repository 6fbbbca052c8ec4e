using System.Security.Cryptography;
using Gantry.Api.BuildKit.Wire.Pb;
using Gantry.Model;
using Google.Protobuf;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>The operations of a graph of BuildKit's own, by their digests.</summary>
/// <param name="Target">What the graph is about; null: nothing, an empty tree.</param>
internal sealed record LlbOps(Op? Target, IReadOnlyDictionary<string, Op> ByDigest)
{
    /// <exception cref="GantryException">Invalid: no graph.</exception>
    public static LlbOps Read(Definition graph)
    {
        var ops = new Dictionary<string, Op>(StringComparer.Ordinal);
        Op? last = null;
        try
        {
            foreach (var bytes in graph.Def)
                ops[Digest.OfSha256(SHA256.HashData(bytes.Span)).ToString()] = last = Op.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"failed to parse llb proto op: {e.Message}", cause: e);
        }

        if (last is null)
            return new(null, ops);
        if (last.Inputs.Count != 1 || !ops.TryGetValue(last.Inputs[0].Digest, out var target))
            throw GantryException.Of(ErrorKind.Invalid, "invalid definition: its last operation does not point at another one");
        return new(target, ops);
    }
}
