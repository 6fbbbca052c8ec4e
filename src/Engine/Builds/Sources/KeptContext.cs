using System.Security.Cryptography;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>One copy of a client's directory; used by one build at a time.</summary>
internal sealed class KeptContext(string path)
{
    private Digest? _listing;

    public string Path => path;

    /// <summary>Stands for what the copy holds now: another one as soon as anything but times changes. Never the same for two contents, nor for two engines.</summary>
    public Digest Identity { get; private set; } = NewIdentity();

    /// <summary>Brings it up to date.</summary>
    /// <param name="receive">Gets the request with what is known of the copy.</param>
    public async Task UpdateAsync(ContextRequest request, Func<ContextRequest, Task<ContextReceipt>> receive)
    {
        var known = request with { Known = _listing };
        // Whatever fails in the middle: what the copy holds by then is not known.
        var before = Identity;
        (Identity, _listing) = (NewIdentity(), null);
        var receipt = await receive(known);
        _listing = receipt.Listing;
        if (!receipt.Changed)
            Identity = before;
    }

    /// <summary>An identity that nothing else has.</summary>
    public static Digest NewIdentity() => Digest.OfSha256(RandomNumberGenerator.GetBytes(32));
}
