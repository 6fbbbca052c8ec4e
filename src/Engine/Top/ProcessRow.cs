using System.Globalization;
using System.Text;

namespace Gantry.Engine.Top;

/// <summary>A process as <c>/proc</c> shows it: the fields of which ps makes its columns.</summary>
/// <remarks>Source: proc(5), proc_pid_stat(5).</remarks>
internal sealed record ProcessRow
{
    public required int Pid { get; init; }

    /// <summary>The program's name, of at most 15 bytes.</summary>
    public required string Name { get; init; }

    public required char State { get; init; }

    public required int Parent { get; init; }

    public required int Group { get; init; }

    public required int Session { get; init; }

    /// <summary>The terminal's device number; 0: none.</summary>
    public required int Terminal { get; init; }

    /// <summary>The group in the foreground of the terminal.</summary>
    public required int TerminalGroup { get; init; }

    /// <summary>Processor time in clock ticks.</summary>
    public required long Ticks { get; init; }

    public required int Nice { get; init; }

    public required int Threads { get; init; }

    /// <summary>In clock ticks since boot.</summary>
    public required long StartTicks { get; init; }

    /// <summary>The effective user.</summary>
    public required uint User { get; init; }

    public required long VirtualKib { get; init; }

    public required long ResidentKib { get; init; }

    public required long LockedKib { get; init; }

    /// <summary>Its arguments joined with blanks; empty when it has none.</summary>
    public required string Arguments { get; init; }

    /// <summary>How much is read of each file: a process can make its arguments megabytes long, and a container can have thousands of such.</summary>
    private const int MostBytes = 16 << 10;

    /// <summary>Reads a process; null when it is gone.</summary>
    public static ProcessRow? Find(int pid)
    {
        try
        {
            var directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
            return Parse(Encoding.UTF8.GetString(Begin($"{directory}/stat")), Encoding.UTF8.GetString(Begin($"{directory}/status")), Begin($"{directory}/cmdline"));
        }
        catch (IOException)
        {
            return null; // ENOENT, or ESRCH while reading
        }
    }

    private static byte[] Begin(string path)
    {
        using var file = File.OpenHandle(path);
        var buffer = new byte[MostBytes];
        var length = 0;
        while (length < buffer.Length && RandomAccess.Read(file, buffer.AsSpan(length), length) is var count and > 0)
            length += count;
        return buffer[..length];
    }

    /// <summary>Parses the three files; null when a process that ends gave only parts of them.</summary>
    internal static ProcessRow? Parse(string stat, string status, ReadOnlySpan<byte> arguments)
    {
        // The name stands in parentheses and may itself contain some.
        int open = stat.IndexOf('(', StringComparison.Ordinal), close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        var fields = stat[(close + 2)..].Split(' ');
        if (fields.Length < 20)
            return null;
        return new ProcessRow
        {
            Pid = int.Parse(stat.AsSpan(0, open).Trim(), CultureInfo.InvariantCulture),
            Name = stat[(open + 1)..close],
            State = fields[0][0],
            Parent = (int)Field(3),
            Group = (int)Field(4),
            Session = (int)Field(5),
            Terminal = (int)Field(6),
            TerminalGroup = (int)Field(7),
            Ticks = Field(13) + Field(14),
            Nice = (int)Field(18),
            Threads = (int)Field(19),
            StartTicks = Field(21),
            User = (uint)Line(status, "Uid:", word: 1),
            VirtualKib = Line(status, "VmSize:"),
            ResidentKib = Line(status, "VmRSS:"),
            LockedKib = Line(status, "VmLck:"),
            Arguments = Text(arguments),
        };

        // Counted from the front, the number of the process being 0 and its name 1.
        long Field(int number) => number - 2 is var index && index < fields.Length ? long.Parse(fields[index].AsSpan().Trim(), CultureInfo.InvariantCulture) : 0;
    }

    private static long Line(string status, string key, int word = 0)
    {
        foreach (var line in status.Split('\n'))
        {
            if (line.StartsWith(key, StringComparison.Ordinal) && line[key.Length..].Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries) is var words && words.Length > word)
                return long.Parse(words[word], CultureInfo.InvariantCulture);
        }
        return 0;
    }

    // What a process writes there may be anything: control characters would reach the reader's terminal.
    private static string Text(ReadOnlySpan<byte> arguments)
    {
        var text = Encoding.UTF8.GetString(arguments.TrimEnd((byte)0)).ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
                text[i] = ' ';
            else if (char.IsControl(text[i]))
                text[i] = '?';
        }
        return new(text);
    }
}
