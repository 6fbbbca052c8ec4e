namespace Gantry.Model;

/// <summary>
/// The one exception of Gantry's rooms: a kind for machines and a sentence for people. The message names the subject,
/// says what happened, and where it helps, what to type; it is what a client is shown.
/// </summary>
public sealed class GantryException : Exception
{
    private GantryException(ErrorKind kind, string message, LaunchFailure? launch, Exception? cause)
        : base(message, cause)
    {
        Kind = kind;
        Launch = launch;
    }

    /// <summary>What kind of failure this is.</summary>
    public ErrorKind Kind { get; }

    /// <summary>The failed launch step, when a process could not be started.</summary>
    public LaunchFailure? Launch { get; }

    /// <summary>Makes an error.</summary>
    public static GantryException Of(ErrorKind kind, string message, LaunchFailure? launch = null, Exception? cause = null) =>
        new(kind, message, launch, cause);

    /// <summary>Puts a step in front of an error's sentence; keeps kind and launch failure.</summary>
    /// <param name="step">What was being done, as in <c>start container "web"</c>.</param>
    /// <param name="cause">What went wrong.</param>
    public static GantryException During(string step, Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        var known = cause as GantryException;
        return new(known?.Kind ?? ErrorKind.Internal, $"{step}: {cause.Message}", known?.Launch, cause);
    }
}
