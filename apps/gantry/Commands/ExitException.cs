namespace Gantry.Cli.Commands;

/// <summary>The command is over, everything was said: end with this exit code.</summary>
internal sealed class ExitException(int code) : Exception
{
    public int Code { get; } = code;
}
