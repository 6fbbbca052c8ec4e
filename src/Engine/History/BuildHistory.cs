using System.Globalization;
using System.Text.Json;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.History;

/// <summary>
/// The logs of the newest builds, whole, whichever door they came through: one file each, a JSON object a line
/// (<see cref="BuildEventJson"/>), the first line telling what was built. Older files make room for newer ones.
/// </summary>
public sealed class BuildHistory
{
    /// <summary>So many builds are kept.</summary>
    public const int MostBuilds = 50;

    private const string Extension = ".jsonl";
    private const int LongestHead = 64 << 10;

    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    private BuildHistory(string directory, TimeProvider time)
    {
        _directory = directory;
        _time = time;
    }

    /// <summary>The ids of the builds that are kept, the newest first.</summary>
    public IReadOnlyList<string> Ids => [.. Files().Select(IdOf)];

    /// <summary>Opens the history, and makes its directory.</summary>
    public static BuildHistory Open(string directory, TimeProvider time)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new(directory, time);
    }

    /// <summary>What is known of the builds that are kept, the newest first.</summary>
    public IReadOnlyList<BuildRecord> List() => [.. Files().Select(Read).OfType<BuildRecord>()];

    /// <summary>Opens a build's log for reading. The caller disposes it.</summary>
    /// <param name="id">Its id, or what it begins with; <c>latest</c>: the newest.</param>
    /// <exception cref="GantryException">NotFound: none of this id is kept. Invalid: several begin so.</exception>
    public Stream OpenLog(string id)
    {
        var files = Files();
        var found = id == "latest" ? files.Take(1).ToList() : files.Where(file => IdOf(file).StartsWith(id, StringComparison.Ordinal)).ToList();
        if (found.Count > 1)
            throw GantryException.Of(ErrorKind.Invalid, $"several builds have ids that begin with {id}: write more of it");
        try
        {
            // Deleted as well as written meanwhile: a log that makes room is read to its end all the same.
            return found.Count == 0 || id.Length == 0
                ? throw NoSuch(id)
                : new FileStream(found[0], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            throw NoSuch(id);
        }
    }

    /// <summary>Begins the log of a build. The caller disposes it when the build is over.</summary>
    /// <param name="next">Is told everything too.</param>
    internal BuildLog Begin(BuildSpec spec, IBuildProgress next)
    {
        lock (_gate)
        {
            foreach (var old in Files().Skip(MostBuilds - 1))
                File.Delete(old);
            var now = _time.GetUtcNow();
            var id = Guid.NewGuid().ToString("n")[..12];
            // In the order of time by name, so that nothing else has to be asked.
            var name = $"{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfffffff", CultureInfo.InvariantCulture)}-{id}{Extension}";
            return new(Path.Combine(_directory, name), id, spec, now, _time) { Next = next };
        }
    }

    private static GantryException NoSuch(string id) => GantryException.Of(
        ErrorKind.NotFound, id == "latest" ? "no build has been logged yet" : $"no build with the id \"{id}\" is kept: the newest {MostBuilds} are; gantry builder logs ls lists them");

    private static string IdOf(string file) => Path.GetFileNameWithoutExtension(file)[^12..];

    private List<string> Files() =>
        [.. Directory.EnumerateFiles(_directory, "*" + Extension).Where(static file => Path.GetFileNameWithoutExtension(file).Length > 13).OrderDescending(StringComparer.Ordinal)];

    private static BuildRecord? Read(string file)
    {
        try
        {
            using var log = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var head = JsonDocument.Parse(Line(log, 0));
            var build = head.RootElement.GetProperty("build");
            var status = "running";
            DateTimeOffset? ended = null;
            if (LastLine(log) is { } last)
            {
                using var tail = JsonDocument.Parse(last);
                if (tail.RootElement.TryGetProperty("end", out var end))
                {
                    status = end.GetProperty("status").GetString() ?? "";
                    ended = end.GetProperty("time").GetDateTimeOffset();
                }
            }

            return new()
            {
                Id = IdOf(file),
                Started = build.GetProperty("started").GetDateTimeOffset(),
                Ended = ended,
                Status = status,
                Names = [.. build.GetProperty("names").EnumerateArray().Select(static name => name.GetString() ?? "")],
            };
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // Removed just now, or cut off when the machine lost power.
            return null;
        }
    }

    private static byte[] Line(FileStream log, long from)
    {
        log.Position = from;
        var buffer = new byte[LongestHead];
        var length = log.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var end = buffer.AsSpan(0, length).IndexOf((byte)'\n');
        return end < 0 ? throw new JsonException("the line is not whole") : buffer[..end];
    }

    private static byte[]? LastLine(FileStream log)
    {
        var buffer = new byte[LongestHead];
        log.Position = Math.Max(0, log.Length - buffer.Length);
        var length = log.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (length == 0 || buffer[length - 1] != '\n')
            return null;
        var whole = buffer.AsSpan(0, length - 1);
        return whole[(whole.LastIndexOf((byte)'\n') + 1)..].ToArray();
    }
}
