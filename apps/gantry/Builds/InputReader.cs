using System.Text;
using Gantry.Cli.Flags;
using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary>Finds out what PATH, URL or <c>-</c> means, and which Dockerfile goes with it.</summary>
/// <remarks>Source: docker/cli and buildx references of "build": a Dockerfile is named from where one stands, not from the context.</remarks>
internal static class InputReader
{
    private const long LargestDockerfile = 16 << 20;
    private static readonly string[] s_archives = ["\x1f\x8b", "BZh", "\u00fd7zXZ", "\x28\xb5\x2f\xfd"];

    /// <summary>Reads.</summary>
    /// <param name="context">The argument.</param>
    /// <param name="dockerfile">The flag <c>--file</c>; empty: not given.</param>
    /// <param name="named">Directories of this machine that named contexts are, by their names.</param>
    /// <param name="standardInput">Opens standard input.</param>
    /// <exception cref="GantryException">NotFound, Invalid: something is not there, or not what it should be.</exception>
    public static BuildInput Read(string context, string dockerfile, IReadOnlyDictionary<string, string> named, Func<Stream> standardInput)
    {
        if (context == "-" && dockerfile == "-")
            throw new FlagException("invalid argument: can't use stdin for both build context and dockerfile");
        var input = context == "-" ? OfStandardInput(dockerfile, standardInput())
            : IsUrl(context) && !Directory.Exists(context) ? OfUrl(context, dockerfile, standardInput)
            : OfDirectory(context, dockerfile, standardInput);
        if (named.Count == 0)
            return input;
        if (input.Archive is not null)
            throw new FlagException("directories of --build-context cannot be sent along with an archive on standard input: unpack it and name its directory");
        return input with { Directories = [.. input.Directories, .. named.Select(static pair => OfNamed(pair.Key, pair.Value))] };
    }

    /// <summary>Whether a context lies elsewhere: the engine fetches it.</summary>
    public static bool IsUrl(string text) =>
        text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal) || text.StartsWith("git://", StringComparison.Ordinal)
        || text.StartsWith("ssh://", StringComparison.Ordinal) || text.StartsWith("git@", StringComparison.Ordinal) || text.StartsWith("github.com/", StringComparison.Ordinal);

    private static BuildInput OfDirectory(string context, string dockerfile, Func<Stream> standardInput)
    {
        var path = Path.GetFullPath(context);
        if (!Directory.Exists(path))
        {
            throw File.Exists(path)
                ? GantryException.Of(ErrorKind.Invalid, $"the context {context} is a file: name the directory it is in; -f names a Dockerfile")
                : GantryException.Of(ErrorKind.NotFound, $"unable to prepare context: path \"{context}\" not found");
        }

        var (file, name, ignore) = dockerfile == "-" ? (ReadAll(standardInput()), "Dockerfile", null) : OfFile(dockerfile.Length == 0 ? DefaultFile(path) : Path.GetFullPath(dockerfile));
        return new()
        {
            Directories = [new("context") { Path = path, Ignore = ignore ?? Find(Path.Combine(path, ".dockerignore")) }, OfDockerfile(file, name, ignore)],
            DockerfileName = name,
            Dockerfile = file,
        };
    }

    private static BuildInput OfUrl(string url, string dockerfile, Func<Stream> standardInput)
    {
        if (dockerfile != "-")
            return new() { Remote = url, DockerfileName = dockerfile.Length == 0 ? "Dockerfile" : dockerfile };
        var file = ReadAll(standardInput());
        return new() { Remote = url, Directories = [OfDockerfile(file, "Dockerfile", null)], Dockerfile = file };
    }

    // An archive is the context; anything else is a Dockerfile without one.
    private static BuildInput OfStandardInput(string dockerfile, Stream input)
    {
        var start = new byte[512];
        var length = input.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var begin = Encoding.Latin1.GetString(start, 0, length);
        var isArchive = s_archives.Any(magic => begin.StartsWith(magic, StringComparison.Ordinal)) || (length == 512 && begin.AsSpan(257, 5).SequenceEqual("ustar"));
        var whole = new RejoinedStream(start.AsMemory(0, length), input);
        if (isArchive)
            return new() { Archive = whole, DockerfileName = dockerfile.Length == 0 ? "Dockerfile" : dockerfile };
        if (length == 0)
            throw new FlagException("nothing came on standard input: send an archive or a Dockerfile");
        if (dockerfile.Length > 0)
            throw new FlagException("ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles");
        var file = ReadAll(whole);
        return new() { Directories = [new("context"), OfDockerfile(file, "Dockerfile", null)], Dockerfile = file };
    }

    private static BuildDirectory OfDockerfile(byte[] file, string name, byte[]? ignore) =>
        new("dockerfile") { Files = ignore is null ? [(name, file)] : [(name, file), (name + ".dockerignore", ignore)] };

    private static BuildDirectory OfNamed(string name, string path) => Directory.Exists(path)
        ? new(name) { Path = Path.GetFullPath(path), Ignore = Find(Path.Combine(path, ".dockerignore")) }
        : throw GantryException.Of(ErrorKind.NotFound, $"the build context \"{name}\": there is no directory {path}");

    // Source: docker/cli, for those who have it in small letters.
    private static string DefaultFile(string context)
    {
        var usual = Path.Combine(context, "Dockerfile");
        var small = Path.Combine(context, "dockerfile");
        return !File.Exists(usual) && File.Exists(small) ? small : usual;
    }

    private static (byte[] File, string Name, byte[]? Ignore) OfFile(string path)
    {
        var content = Find(path) ?? throw GantryException.Of(ErrorKind.NotFound, $"failed to read dockerfile: open {path}: no such file or directory: write one (gantry init does it for many projects), or name another with -f");
        return (content, Path.GetFileName(path), Find(path + ".dockerignore"));
    }

    private static byte[]? Find(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            return ReadAll(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"cannot read {path}: {e.Message}", cause: e);
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            var buffer = new byte[64 << 10];
            int read;
            while ((read = stream.Read(buffer)) > 0)
            {
                all.Write(buffer, 0, read);
                if (all.Length > LargestDockerfile)
                    throw GantryException.Of(ErrorKind.Invalid, $"a Dockerfile or .dockerignore of more than {LargestDockerfile >> 20} MiB is none");
            }

            return all.ToArray();
        }
    }
}
