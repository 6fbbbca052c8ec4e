using System.Globalization;
using System.Net;

namespace Gantry.Network.Ports;

/// <summary>Finds the process that holds a host port: its socket in /proc/net, then who has that socket open.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <summary>Who holds the port, in words (<c>process postgres (pid 812)</c>); null when it cannot be found. In the host's namespace.</summary>
    public static string? Find(string protocol, IPAddress address, int port)
    {
        var inodes = new HashSet<string>();
        foreach (var table in new[] { protocol, protocol + "6" })
        {
            foreach (var line in Lines($"/proc/thread-self/net/{table}").Skip(1))
            {
                if (Socket(line, address, port, protocol == "tcp") is { } inode)
                    inodes.Add($"socket:[{inode}]");
            }
        }

        return inodes.Count == 0 ? null : Owner(inodes);
    }

    // "  0: 0100007F:1F90 00000000:0000 0A … uid timeout inode": the address is in host order, the port is not.
    internal static string? Socket(string line, IPAddress address, int port, bool onlyListening)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 10 || (onlyListening && words[3] != Listening))
            return null;
        if (!words[1].Contains(':', StringComparison.Ordinal))
            return null;
        var (host, number) = (words[1][..words[1].IndexOf(':', StringComparison.Ordinal)], words[1][(words[1].IndexOf(':', StringComparison.Ordinal) + 1)..]);
        if (int.Parse(number, NumberStyles.HexNumber, CultureInfo.InvariantCulture) != port)
            return null;
        // Four bytes at a time, each turned round; of IPv6 four of them. One of IPv6 that is bound to :: may hold IPv4's port, too.
        var isIPv6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        if (isIPv6 && host.Length < 32)
            return null;
        var bound = isIPv6 ? host : host[^8..];
        var wanted = string.Concat(address.GetAddressBytes().Chunk(4).SelectMany(static word => word.Reverse()).Select(octet => octet.ToString("X2", CultureInfo.InvariantCulture)));
        var isAny = bound.All(static digit => digit == '0') || wanted.All(static digit => digit == '0');
        return isAny || bound == wanted ? words[9] : null;
    }

    private static string? Owner(HashSet<string> sockets)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            var pid = Path.GetFileName(directory);
            if (!char.IsAsciiDigit(pid[0]))
                continue;
            try
            {
                if (Directory.EnumerateFileSystemEntries($"{directory}/fd").Any(fd => new FileInfo(fd).LinkTarget is { } target && sockets.Contains(target)))
                    return $"process {File.ReadAllText($"{directory}/comm").Trim()} (pid {pid})";
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at.
            }
        }

        return null;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return []; // no IPv6 in this kernel
        }
    }
}
