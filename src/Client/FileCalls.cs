using System.Text.Json;

namespace Gantry.Client;

/// <summary>Calls about the files of containers.</summary>
/// <remarks>Source: Engine API, section Container: archive, changes, export.</remarks>
public sealed class FileCalls(EngineTransport transport)
{
    /// <summary>What is at a path; a symbolic link at its end is not followed.</summary>
    /// <exception cref="Gantry.Model.GantryException">NotFound: no such container, or nothing there.</exception>
    public PathStatus Status(string container, string path)
    {
        using var response = transport.Send("HEAD", ArchivePath(container, path).ToString());
        return PathStatus.Parse(response.FindHeader("X-Docker-Container-Path-Stat"));
    }

    /// <summary>Reads a file, or a directory with all below it, as a tar archive. The caller disposes the stream.</summary>
    public (PathStatus Status, Stream Archive) CopyOut(string container, string path)
    {
        var response = transport.Send("GET", ArchivePath(container, path).ToString());
        return (PathStatus.Parse(response.FindHeader("X-Docker-Container-Path-Stat")), new ResponseStream(response));
    }

    /// <summary>Unpacks a tar archive into a directory of a container.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="write">Writes the archive.</param>
    /// <param name="copyOwners">Everything gets the container's user for its owner.</param>
    public void CopyIn(string container, string path, Action<Stream> write, bool copyOwners)
    {
        var query = ArchivePath(container, path).With("noOverwriteDirNonDir", "true").With("copyUIDGID", copyOwners ? "true" : null);
        using var response = transport.SendStream("PUT", query.ToString(), write, "application/x-tar");
        response.Body.CopyTo(Stream.Null);
    }

    /// <summary>What a container changed in its image's files. The caller disposes the answer.</summary>
    public JsonDocument Changes(string container) => transport.GetJson($"/containers/{Query.Named("container", container)}/changes");

    /// <summary>All files of a container as a tar archive. The caller disposes the stream.</summary>
    public Stream Export(string container) => new ResponseStream(transport.Send("GET", $"/containers/{Query.Named("container", container)}/export"));

    private static Query ArchivePath(string container, string path) => new Query($"/containers/{Query.Named("container", container)}/archive").With("path", path);
}
