using System.IO.Pipelines;
using System.Text;
using Gantry.Api.Streams;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>Turns a request of HTTP/1.1 into a connection on which HTTP/2 is spoken from then on.</summary>
/// <remarks>Source: moby daemon/server/router/grpc and buildkit session/manager.go.</remarks>
internal static class Upgrade
{
    /// <summary>Takes the connection and sends the answer's head.</summary>
    /// <exception cref="GantryException">Invalid: the client did not ask for h2c.</exception>
    public static async Task<IDuplexPipe> ToHttp2Async(Exchange exchange)
    {
        var asked = exchange.Http.Request.Headers.Upgrade.ToString();
        if (asked.Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, "no upgrade proto in request: send the headers \"Connection: Upgrade\" and \"Upgrade: h2c\"");
        if (!asked.Equals("h2c", StringComparison.OrdinalIgnoreCase))
            throw GantryException.Of(ErrorKind.Invalid, $"protocol {asked} not supported: h2c is");
        var (_, pipe) = HijackedStream.Take(exchange);
        var head = new StringBuilder("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n");
        Dispatcher.WriteHeaders(exchange.Facts, (name, value) => head.Append(name).Append(": ").Append(value).Append("\r\n"));
        await pipe.Output.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), exchange.Requested);
        return pipe;
    }
}
