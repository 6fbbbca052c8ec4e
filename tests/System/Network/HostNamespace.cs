using System.Net;
using System.Net.Sockets;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Network.Namespaces;
using Gantry.Tests.Support;

namespace Gantry.Tests.System.Network;

/// <summary>
/// A network namespace that plays the host, so that tests need not touch the real one, and another that plays a machine
/// of its network: host 10.99.0.1, machine 10.99.0.2.
/// </summary>
internal sealed class HostNamespace : IDisposable
{
    public static readonly IPAddress Address = IPAddress.Parse("10.99.0.1");
    public static readonly IPAddress MachineAddress = IPAddress.Parse("10.99.0.2");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private HostNamespace(Fd host, Fd machine) => (Host, Machine) = (host, machine);

    public Fd Host { get; }

    public Fd Machine { get; }

    public static async Task<HostNamespace> CreateAsync()
    {
        var made = new HostNamespace(await NetworkNamespaces.CreateLoopbackAsync(), await NetworkNamespaces.CreateLoopbackAsync());
        await Run(made.Host, "ip", "link", "add", "up0", "type", "veth", "peer", "name", "eth0", "netns", NetworkNamespaces.PathOf(made.Machine));
        await Run(made.Host, "ip", "address", "add", $"{Address}/24", "dev", "up0");
        await Run(made.Host, "ip", "link", "set", "up0", "up");
        await Run(made.Machine, "ip", "address", "add", $"{MachineAddress}/24", "dev", "eth0");
        await Run(made.Machine, "ip", "link", "set", "eth0", "up");
        // The kernel notices the carrier a moment later; what tests compare before and after must not see that.
        await Eventually.HoldsAsync("the link is up", async () => (await Run(made.Host, "ip", "-br", "link", "show", "up0")).Contains(" UP ", StringComparison.Ordinal));
        return made;
    }

    /// <summary>Gives the host fd99::1 and the machine fd99::2 on the link between them.</summary>
    public async Task AddIPv6Async()
    {
        foreach (var (netns, link, address) in ((Fd, string, string)[])[(Host, "up0", "fd99::1/64"), (Machine, "eth0", "fd99::2/64")])
        {
            await SetAsync(netns, $"net/ipv6/conf/{link}/disable_ipv6", "0");
            await Run(netns, "ip", "-6", "address", "add", address, "dev", link, "nodad");
        }
    }

    public static async Task<string> Run(Fd netns, params string[] command) =>
        (await Command.RunAsync("nsenter", [$"--net={NetworkNamespaces.PathOf(netns)}", "--", .. command])).Succeeded().Text;

    /// <summary>The names of a namespace's interfaces; their states follow a moment later and are left out.</summary>
    public static async Task<string> LinksAsync(Fd netns) =>
        string.Join(' ', (await Run(netns, "ip", "-br", "link")).Split('\n').Select(line => line.Split(' ')[0]));

    /// <summary>Runs something on a thread that stands in a namespace; sockets made there stay there.</summary>
    public static Task<T> InAsync<T>(Fd netns, Func<T> work)
    {
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                Namespaces.Enter(netns, Namespaces.CLONE_NEWNET);
                source.SetResult(work());
            }
            catch (Exception error)
            {
                source.TrySetException(error);
            }
        }).Start();
        return source.Task;
    }

    public static Task SetAsync(Fd netns, string sysctl, string value) => InAsync(netns, () =>
    {
        File.WriteAllText("/proc/sys/" + sysctl, value);
        return true;
    });

    /// <summary>The same by IPv6 alone.</summary>
    public static Task<IDisposable> ServeSixAsync(Fd netns, int port, string word) => ServeAsync(netns, port, word, "::");

    /// <summary>Answers each TCP connection with a word and the peer's address.</summary>
    public static async Task<IDisposable> ServeAsync(Fd netns, int port, string word, string address = "0.0.0.0")
    {
        var listener = await InAsync(netns, () =>
        {
            var family = IPAddress.Parse(address).AddressFamily;
            var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
            if (family == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            socket.Listen();
            return socket;
        });
        _ = Task.Run(async () =>
        {
            while (true)
            {
                try
                {
                    using var connection = await listener.AcceptAsync();
                    await connection.SendAsync(Encoding.ASCII.GetBytes($"{word} {((IPEndPoint)connection.RemoteEndPoint!).Address}"));
                }
                catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        });
        return listener;
    }

    /// <summary>Answers each UDP packet with a word.</summary>
    public static async Task<IDisposable> ServeUdpAsync(Fd netns, int port, string word, string address = "0.0.0.0")
    {
        var socket = await InAsync(netns, () =>
        {
            var made = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            return made;
        });
        _ = Task.Run(async () =>
        {
            var buffer = new byte[64];
            while (true)
            {
                try
                {
                    var got = await socket.ReceiveFromAsync(buffer, new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
                    await socket.SendToAsync(Encoding.ASCII.GetBytes(word), got.RemoteEndPoint);
                }
                catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        });
        return socket;
    }

    /// <summary>Connects and reads the answer; null when nobody answers within the patience given.</summary>
    public static async Task<string?> AskAsync(Fd from, string address, int port, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? s_patience);
        using var socket = await InAsync(from, () => new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port), limit.Token);
            var buffer = new byte[64];
            var count = await socket.ReceiveAsync(buffer, limit.Token);
            return Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A UDP client; send with <see cref="AskUdpAsync"/>.</summary>
    public static Task<Socket> UdpAsync(Fd netns, AddressFamily family = AddressFamily.InterNetwork) => InAsync(netns, () => new Socket(family, SocketType.Dgram, ProtocolType.Udp));

    /// <summary>Sends a packet and waits for the answer; null when there is none within the patience given.</summary>
    public static async Task<string?> AskUdpAsync(Socket socket, string address, int port, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? s_patience);
        var buffer = new byte[64];
        try
        {
            await socket.SendToAsync(Encoding.ASCII.GetBytes("?"), new IPEndPoint(IPAddress.Parse(address), port), limit.Token);
            var got = await socket.ReceiveFromAsync(buffer, new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0), limit.Token);
            return Encoding.ASCII.GetString(buffer, 0, got.ReceivedBytes);
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Host.Dispose();
        Machine.Dispose();
    }
}
