using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Apps.GantryRuntime;

/// <summary>Writes to standard output and error without the machinery of Console, which costs a millisecond.</summary>
internal static class Output
{
    private static readonly Fd Standard = new(1);
    private static readonly Fd Error = new(2);

    public static void WriteLine(string text) => Write(Encoding.UTF8.GetBytes(text + "\n"));

    public static void Write(ReadOnlySpan<byte> bytes) => Files.WriteAll(Standard, bytes);

    /// <summary>A complaint; one that cannot be written is lost.</summary>
    public static void WriteError(string text) => _ = Files.TryWrite(Error, Encoding.UTF8.GetBytes(text + "\n"));
}
