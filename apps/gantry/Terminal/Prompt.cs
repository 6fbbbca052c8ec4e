using System.Text;
using Gantry.Cli.Output;
using Gantry.Kernel.Fds;

namespace Gantry.Cli.Terminal;

/// <summary>Asks the user at the terminal.</summary>
internal static class Prompt
{
    private const byte Interrupt = 3; // ctrl-c
    private const byte EndOfInput = 4; // ctrl-d
    private const byte Backspace = 8;
    private const byte Delete = 127;

    /// <summary>A line of what the user types.</summary>
    public static string Line(TextOutput output, string question)
    {
        output.Write(question);
        output.Flush();
        using var input = DescriptorStream.Standard(0);
        var line = new List<byte>();
        // Byte by byte: what stands behind the line is for whoever reads next.
        for (int next; (next = input.ReadByte()) is >= 0 and not '\n';)
            line.Add((byte)next);
        return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
    }

    /// <summary>A line that is not shown while it is typed.</summary>
    public static string Secret(TextOutput output, string question)
    {
        output.Write(question);
        output.Flush();
        using var raw = RawTerminal.Enter();
        using var input = DescriptorStream.Standard(0);
        var line = new List<byte>();
        for (int next; (next = input.ReadByte()) is >= 0 and not '\n' and not '\r' and not EndOfInput;)
        {
            if (next == Interrupt)
            {
                line.Clear();
                break;
            }
            if (next is not (Backspace or Delete))
                line.Add((byte)next);
            else if (line.Count > 0)
                line.RemoveAt(line.Count - 1);
        }
        output.Write("\r\n");
        output.Flush();
        return Encoding.UTF8.GetString([.. line]);
    }
}
