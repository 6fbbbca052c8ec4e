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
    private readonly HashSet<string> _running = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

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

    /// <summary>Ends when a build begins, ends, or is forgotten.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
                return _changed.Task;
        }
    }

    /// <summary>What is known of a build; null: it is not kept.</summary>
    /// <param name="reference">What its client called it, or its id.</param>
    public BuildRecord? Find(string reference) => List().FirstOrDefault(record => record.Reference == reference || record.Id == reference);

    /// <summary>Forgets a build that is over.</summary>
    /// <param name="id">Its id, whole.</param>
    /// <exception cref="GantryException">NotFound: none of this id is kept. Conflict: it runs.</exception>
    public void Remove(string id)
    {
        lock (_gate)
        {
            if (_running.Contains(id))
                throw GantryException.Of(ErrorKind.Conflict, $"the build {id} runs: its log can be removed when it is over");
            File.Delete(Files().FirstOrDefault(file => IdOf(file) == id) ?? throw NoSuch(id));
            Tell();
        }
    }

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
            _running.Add(id);
            var log = new BuildLog(Path.Combine(_directory, name), id, spec, now, _time) { Next = next, Closed = () => Close(id) };
            Tell();
            return log;
        }
    }

    private void Close(string id)
    {
        lock (_gate)
        {
            if (_running.Remove(id))
                Tell();
        }
    }

    private void Tell()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static GantryException NoSuch(string id) => GantryException.Of(
        ErrorKind.NotFound, id == "latest" ? "no build has been logged yet" : $"no build with the id \"{id}\" is kept: the newest {MostBuilds} are; gantry builder logs ls lists them");

    private static string IdOf(string file) => Path.GetFileNameWithoutExtension(file)[^12..];

    private List<string> Files() =>
        [.. Directory.EnumerateFiles(_directory, "*" + Extension).Where(static file => Path.GetFileNameWithoutExtension(file).Length > 13).OrderDescending(StringComparer.Ordinal)];

    private BuildRecord? Read(string file)
    {
        var id = IdOf(file);
        bool isRunning;
        lock (_gate)
            isRunning = _running.Contains(id);
        try
        {
            using var log = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var head = JsonDocument.Parse(Line(log, 0));
            var build = head.RootElement.GetProperty("build");
            var record = new BuildRecord
            {
                Id = id,
                Reference = Text(build, "reference") is { Length: > 0 } reference ? reference : id,
                Started = build.GetProperty("started").GetDateTimeOffset(),
                Status = isRunning ? "running" : "broken off",
                Failure = isRunning ? "" : "the engine ended before the build",
                Context = Text(build, "context"),
                Dockerfile = Text(build, "dockerfile"),
                Target = Text(build, "target"),
                Names = [.. build.GetProperty("names").EnumerateArray().Select(static name => name.GetString() ?? "")],
            };
            if (LastLine(log) is not { } last)
                return record;
            using var tail = JsonDocument.Parse(last);
            return !tail.RootElement.TryGetProperty("end", out var end) ? record : record with
            {
                Status = Text(end, "status"),
                Ended = end.GetProperty("time").GetDateTimeOffset(),
                Failure = Text(end, "failure"),
                Steps = Number(end, "steps"),
                CompletedSteps = Number(end, "completed"),
                CachedSteps = Number(end, "cached"),
                Warnings = Number(end, "warnings"),
            };
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // Removed just now, or cut off when the machine lost power.
            return null;
        }
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static int Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

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
