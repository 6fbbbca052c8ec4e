using System.Text.Json;
using System.Text.RegularExpressions;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Shape;

/// <summary>The rules of CONTRIBUTING.md that a machine can check.</summary>
public sealed partial class SourceTests
{
    private static readonly string[] _vagueSuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Service", "Wrapper", "Base", "Impl"];

    private static IEnumerable<string> Sources => new[] { "src", "apps" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
        .Select(path => Path.GetRelativePath(Repository.Root, path));

    [Fact]
    public void FilesHaveOneSubject()
    {
        var excused = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Repository.Root, "eng/sizes.json")))!;
        var long_ = Sources.Where(path => File.ReadLines(Path.Combine(Repository.Root, path)).Count() > 600).Where(path => !excused.ContainsKey(path));
        Assert.True(!long_.Any(), $"over 600 lines, and without an excuse in eng/sizes.json: {string.Join(", ", long_)}");
        Assert.All(excused, excuse => Assert.True(File.Exists(Path.Combine(Repository.Root, excuse.Key)) && excuse.Value.Length > 10, $"{excuse.Key}: the file is gone, or the excuse has no reason"));
    }

    [Fact]
    public void NamesSayTheThing()
    {
        var vague = Sources.Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => _vagueSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)));
        Assert.True(!vague.Any(), $"names that say nothing: {string.Join(", ", vague)}");
    }

    [Fact]
    public void NothingIsLeftForLater()
    {
        var left = Sources.Where(path => Unfinished().IsMatch(File.ReadAllText(Path.Combine(Repository.Root, path))));
        Assert.True(!left.Any(), $"unfinished: {string.Join(", ", left)}");
    }

    [Fact]
    public void LinksInTheDocumentsLeadSomewhere()
    {
        var documents = Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories));
        foreach (var document in documents)
            foreach (Match link in Link().Matches(File.ReadAllText(document)))
            {
                var target = link.Groups[1].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                    Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target)), $"{Path.GetFileName(document)} links to {target}, which is not there");
            }
    }

    [GeneratedRegex(@"NotImplementedException|//\s*(TODO|FIXME|HACK)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
