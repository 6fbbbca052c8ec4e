using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>What the steps of a build made, before it goes anywhere. Its layers stay until this is disposed.</summary>
public interface IBuildResult : IDisposable
{
    /// <summary>The image's configuration, with its layers.</summary>
    ImageConfiguration Configuration { get; }

    /// <summary>Some of a file's content.</summary>
    /// <param name="path">In the result; links lead nowhere else.</param>
    /// <param name="length">Null: to the end.</param>
    /// <exception cref="Model.GantryException">NotFound: there is no such file. Invalid: it is none that can be read, or too large to be read at once.</exception>
    byte[] ReadFile(string path, long offset, long? length);

    /// <summary>What is known of a file; of a link, where it is the path's last part.</summary>
    /// <inheritdoc cref="ReadFile"/>
    ResultFile Stat(string path);

    /// <summary>What a directory holds, by names in the order of bytes.</summary>
    /// <inheritdoc cref="ReadFile"/>
    IReadOnlyList<ResultFile> List(string path);

    /// <summary>The same result once more, for somebody who needs it longer. The caller disposes it.</summary>
    IBuildResult Share();
}
