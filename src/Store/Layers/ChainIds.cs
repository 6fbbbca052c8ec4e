using System.Security.Cryptography;
using System.Text;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>Names of stacks of layers.</summary>
/// <remarks>Source: image-spec config.md, "Layer ChainID".</remarks>
public static class ChainIds
{
    /// <summary>For each layer, the name of the stack that ends with it; oldest first.</summary>
    public static IReadOnlyList<Digest> Of(IReadOnlyList<Digest> diffIds)
    {
        var chain = new Digest[diffIds.Count];
        for (var i = 0; i < chain.Length; i++)
            chain[i] = i == 0 ? diffIds[0] : Digest.OfSha256(SHA256.HashData(Encoding.ASCII.GetBytes($"{chain[i - 1]} {diffIds[i]}")));
        return chain;
    }
}
