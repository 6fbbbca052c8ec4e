using System.Globalization;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;

namespace Gantry.Runtime.Init;

/// <summary>The home directory of a user of the container, for HOME when the config does not set it, as runc does.</summary>
internal static class HomeDirectory
{
    private const string Default = "/";
    private const int LongestBytes = 4000;

    /// <summary>What the container's <c>/etc/passwd</c> says of a user; <c>/</c> when it says nothing.</summary>
    public static string Find(Fd root, uint uid)
    {
        try
        {
            return SafePath.FindContent(root, "/etc/passwd") is { } content ? Parse(Encoding.UTF8.GetString(content), uid) : Default;
        }
        catch (Kernel.Sys.SyscallException)
        {
            return Default; // An unreadable or endless file is the image's business, and no reason not to start.
        }
    }

    /// <summary>Finds a user's home directory in the text of a passwd file.</summary>
    public static string Parse(string passwd, uint uid)
    {
        var wanted = uid.ToString(CultureInfo.InvariantCulture);
        foreach (var line in passwd.Split('\n'))
        {
            var fields = line.Split(':');
            if (fields.Length >= 6 && fields[2] == wanted && fields[5].StartsWith('/') && Encoding.UTF8.GetByteCount(fields[5]) <= LongestBytes) return fields[5];
        }

        return Default;
    }
}
