using System.Net;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>Where the gRPC server listens: at no address, for connections that are handed to it.</summary>
internal sealed class HijackedEndPoint : EndPoint
{
    public override string ToString() => "taken connections";
}
