using System.Text.RegularExpressions;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Oracle;

/// <summary>The differences that are meant, one per line of a file: where, a colon and a space, and the reason. Where is a request and a place, each with <c>*</c> for anything.</summary>
internal sealed class Excuses
{
    private readonly List<(Regex Request, Regex Place, string Line)> _excuses = [];
    private readonly HashSet<string> _used = [];

    /// <param name="file">From the repository's root.</param>
    public Excuses(string file = "tests/E2E/Oracle/excuses.txt")
    {
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, file)).Where(static l => l.Length > 0 && l[0] != '#'))
        {
            var where = line[..line.IndexOf(": ", StringComparison.Ordinal)];
            var space = where.LastIndexOf(' ');
            _excuses.Add((Pattern(where[..space]), Pattern(where[(space + 1)..]), line));
        }
    }

    /// <summary>The lines that excused nothing, but for those that say that they need not: <c>…: at times, …</c>.</summary>
    public IEnumerable<string> Unused => _excuses.Select(static e => e.Line).Where(line => !_used.Contains(line) && !line.Contains(": at times, ", StringComparison.Ordinal));

    public bool Cover(Difference difference)
    {
        var covering = _excuses.Where(e => e.Request.IsMatch(difference.Request) && e.Place.IsMatch(difference.Place)).Select(static e => e.Line).ToList();
        _used.UnionWith(covering);
        return covering.Count > 0;
    }

    private static Regex Pattern(string text) => new($"^{Regex.Escape(text).Replace("\\*", ".*", StringComparison.Ordinal)}$");
}
