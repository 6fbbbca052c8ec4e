namespace Gantry.Client.Http;

/// <summary>How the end of a body is known.</summary>
internal enum BodyFraming
{
    /// <summary>By Content-Length.</summary>
    Counted,

    /// <summary>By a last chunk of size 0.</summary>
    Chunked,

    /// <summary>By the peer closing the connection.</summary>
    UntilClosed,
}
