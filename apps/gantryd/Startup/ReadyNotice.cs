using System.Net.Sockets;
using System.Text;

namespace Gantry.Apps.Startup;

/// <summary>Tells systemd how far the engine is. Does nothing when nobody asked.</summary>
/// <remarks>Source: sd_notify(3): a datagram to the socket named by NOTIFY_SOCKET; a leading @ means the abstract namespace.</remarks>
internal static class ReadyNotice
{
    public static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path)
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path is ['@', .. var name] ? "\0" + name : path));
        }
        catch (SocketException)
        {
            // Whoever asked is gone; the engine works without.
        }
    }
}
