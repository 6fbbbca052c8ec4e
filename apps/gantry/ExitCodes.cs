namespace Gantry.Cli;

/// <summary>The exit codes of <c>gantry</c>: Docker's.</summary>
/// <remarks>Source: docker run reference, "Exit status".</remarks>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command failed, or the engine refused.</summary>
    public const int Failure = 1;

    /// <summary>A template for a single object cannot be parsed.</summary>
    public const int BadTemplate = 64;

    /// <summary>Flags that make no sense, or <c>run</c> failed before the container's command was reached.</summary>
    public const int Client = 125;

    /// <summary>The container's command cannot be executed.</summary>
    public const int NotExecutable = 126;

    /// <summary>The container's command was not found.</summary>
    public const int NotFound = 127;

    /// <summary>Our own output was closed by its reader: 128 + SIGPIPE, as a shell reports it.</summary>
    public const int BrokenPipe = 141;

    /// <summary>The exit code of <c>run</c> and <c>start</c> for a start that the engine refused.</summary>
    /// <remarks>Source: docker/cli toStatusError: the daemon's text decides.</remarks>
    public static int OfStartFailure(string message)
    {
        var text = message.TrimEnd();
        if (Contains(text, "executable file not found") || Contains(text, "no such file or directory") || Contains(text, "system cannot find the file specified"))
            return NotFound;
        if (Contains(text, "permission denied") || Contains(text, "operation not permitted") || Contains(text, "is a directory") || Contains(text, "not a directory") || Contains(text, "exec format error"))
            return NotExecutable;
        return Client;
    }

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
