using Gantry.Cli.Output;
using Gantry.Model.Patterns;

namespace Gantry.Cli.Builds;

/// <summary>What a build may be sent of a directory, found without sending it: all that .dockerignore does not leave out.</summary>
internal sealed class ContextReport
{
    private const int MostListed = 10;

    private readonly PriorityQueue<(string Path, long Bytes), long> _largest = new();
    private readonly Dictionary<string, long> _tops = new(StringComparer.Ordinal);
    private readonly List<(string Path, string What)> _secrets = [];
    private readonly List<(string Text, PatternMatcher Matcher)> _unmatched;
    private readonly BuildDirectory _directory;
    private readonly PatternMatcher _excluded;

    private ContextReport(BuildDirectory directory)
    {
        _directory = directory;
        var patterns = IgnoreFile.Read(directory.Ignore);
        _excluded = PatternMatcher.Parse(patterns);
        // An exception matches what it takes back.
        _unmatched = [.. patterns.Select(static pattern => (pattern, PatternMatcher.Parse([pattern.TrimStart('!')])))];
    }

    public long Files { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>The largest files, the largest first.</summary>
    public IReadOnlyList<(string Path, long Bytes)> Largest => [.. _largest.UnorderedItems.Select(static item => item.Element).OrderByDescending(static file => file.Bytes).ThenBy(static file => file.Path, StringComparer.Ordinal)];

    /// <summary>What lies at the directory's top with all below it, the largest first.</summary>
    public IEnumerable<(string Path, long Bytes)> Tops => _tops.OrderByDescending(static top => top.Value).Select(static top => (top.Key, top.Value));

    /// <summary>Patterns that leave out nothing.</summary>
    public IEnumerable<string> Unmatched => _unmatched.Select(static pattern => pattern.Text);

    /// <summary>Files that hold keys or passwords, and what each holds.</summary>
    public IReadOnlyList<(string Path, string What)> Secrets => _secrets;

    /// <summary>Looks through a directory of this machine. What cannot be read is passed over: a build says so.</summary>
    public static ContextReport Of(BuildDirectory directory)
    {
        var report = new ContextReport(directory);
        if (directory.Path is { } path)
            report.Look(new DirectoryInfo(path), "");
        return report;
    }

    /// <summary>Shows all of it.</summary>
    public void Show(TextOutput output)
    {
        output.WriteLine($"{(_directory.Name == "context" ? "Context" : $"Context \"{_directory.Name}\"")} {_directory.Path}: {Files} {(Files == 1 ? "file" : "files")}, {Units.Size(Bytes)}");
        if (Largest.Count > 0)
            List("Largest", Largest.Select(static file => $"{Units.Size(file.Bytes),9}  {file.Path}"));
        List("Patterns of .dockerignore that match nothing", Unmatched);
        List("Secrets about to be sent (leave them out by .dockerignore; steps get them by --secret)", Secrets.Select(static file => $"{file.Path}: {file.What}"));

        void List(string title, IEnumerable<string> lines)
        {
            var any = false;
            foreach (var line in lines)
            {
                if (!any)
                    output.WriteLine($"\n{title}:");
                any = true;
                output.WriteLine("  " + LiveDisplay.Clean(line));
            }
        }
    }

    private void Look(DirectoryInfo directory, string path)
    {
        IEnumerable<FileSystemInfo> entries;
        try
        {
            entries = directory.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = FileAttributes.None });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        foreach (var entry in entries)
        {
            var below = path.Length == 0 ? entry.Name : path + "/" + entry.Name;
            _unmatched.RemoveAll(pattern => pattern.Matcher.MatchesExactly(below));
            var taken = !_excluded.Matches(below);
            if (entry is DirectoryInfo inner && inner.LinkTarget is null)
            {
                // What is left out is looked into for what is not, and for patterns that may find something in it.
                if (taken || _excluded.MayHoldException(below) || _unmatched.Exists(pattern => pattern.Matcher.MayHoldMatch(below)))
                    Look(inner, below);
            }
            else if (taken)
            {
                Take(below, entry);
            }
        }
    }

    private void Take(string path, FileSystemInfo entry)
    {
        var bytes = entry is FileInfo { LinkTarget: null } file ? file.Length : 0;
        Files++;
        Bytes += bytes;
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var top = slash < 0 ? path : path[..slash];
        _tops[top] = _tops.GetValueOrDefault(top) + bytes;
        _largest.Enqueue((path, bytes), bytes);
        if (_largest.Count > MostListed)
            _largest.Dequeue();
        // Nothing is in an empty one; what is no file at all (a pipe) has no length either, and is not to be read.
        if (bytes > 0 && SecretFiles.Find(path, entry.FullName) is { } what)
            _secrets.Add((path, what));
    }
}
