namespace Gantry.Client.Http;

/// <summary>The connection to the engine broke, as opposed to a file or stream that was being sent over it.</summary>
internal sealed class LinkException(Exception cause) : IOException(cause.Message, cause);
