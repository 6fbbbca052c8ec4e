using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace Gantry.Tests.System.BuildKit;

/// <summary>A connection to the engine's socket, upgraded to HTTP/2 as buildx does it.</summary>
internal static class TakenConnection
{
    /// <summary>Asks for the upgrade; the answer's head has been read when this returns.</summary>
    public static async Task<NetworkStream> OpenAsync(string socketPath, string path, params (string Name, string Value)[] headers)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
        var stream = new NetworkStream(socket, ownsSocket: true);
        var head = new StringBuilder($"POST {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n");
        foreach (var (name, value) in headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
        // Byte by byte: what comes behind the head belongs to HTTP/2.
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                throw new EndOfStreamException("the engine ended the connection: " + answer);
            answer.Append((char)one[0]);
        }

        return answer.ToString().StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) ? stream : throw new InvalidDataException(answer.ToString());
    }

    /// <summary>A stream as a server takes it.</summary>
    public static IDuplexPipe PipeOf(Stream stream) => new Pipes(PipeReader.Create(stream), PipeWriter.Create(stream));

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
