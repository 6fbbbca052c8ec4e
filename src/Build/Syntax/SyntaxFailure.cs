using Gantry.Model;

namespace Gantry.Build;

/// <summary>Failures that say where they are.</summary>
internal static class SyntaxFailure
{
    /// <summary>An <see cref="ErrorKind.Invalid"/> whose cause has the lines.</summary>
    public static GantryException Of(string message, SourceLines lines, Exception? cause = null) =>
        GantryException.Of(ErrorKind.Invalid, message, cause: new DockerfileException(lines, cause));

    /// <summary>One whose place the caller adds.</summary>
    public static GantryException Of(string message) => GantryException.Of(ErrorKind.Invalid, message);
}
