using Gantry.Cli.Output;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Terminal;

/// <summary>
/// A picture that is drawn over and over: on a terminal in place of the one before, without flicker; into a file or a pipe
/// one below the other.
/// </summary>
internal sealed class LiveScreen(TextOutput output) : IDisposable
{
    private const string Home = "\x1b[H";
    private const string EraseLine = "\x1b[K";
    private const string EraseBelow = "\x1b[J";

    private readonly bool _terminal = Terminals.IsTerminal(1);
    private readonly ManualResetEventSlim _never = new();
    private bool _drawn;

    /// <summary>Lets time pass between two pictures.</summary>
    public void Wait(TimeSpan interval) => _never.Wait(interval);

    /// <summary>Draws a picture, which writes whole lines to the output.</summary>
    public void Draw(Action picture)
    {
        if (!_terminal)
        {
            picture();
            output.Flush();
            return;
        }
        output.Write(_drawn ? Home : Home + EraseBelow);
        _drawn = true;
        // A shorter line must not leave the end of the longer one that stood there.
        output.LineEnd = EraseLine + "\n";
        try
        {
            picture();
        }
        finally
        {
            output.LineEnd = "\n";
        }
        output.Write(EraseBelow);
        output.Flush();
    }

    public void Dispose() => _never.Dispose();
}
