using System.Diagnostics;
using System.Text.RegularExpressions;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Builds;

/// <summary>A Dockerfile with the files that it needs, read from tests/E2E/Builds/Cases.</summary>
/// <param name="Options">Of <c>docker build</c>.</param>
/// <param name="Files">What the headings say, and the text below each.</param>
internal sealed partial record BuildCase(string Name, IReadOnlyList<string> Options, IReadOnlyList<(string Heading, string Text)> Files)
{
    /// <summary>All cases.</summary>
    public static IReadOnlyList<BuildCase> ReadAll() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/E2E/Builds/Cases"), "*.txt").Order(StringComparer.Ordinal).SelectMany(Read)];

    /// <summary>Writes the files into a directory that is not there yet.</summary>
    /// <param name="url">What <c>%URL%</c> in them stands for.</param>
    /// <returns>The options, with the path of the Dockerfile where they name one.</returns>
    public async Task<IReadOnlyList<string>> WriteAsync(string directory, string url)
    {
        Directory.CreateDirectory(directory);
        foreach (var (heading, text) in Files.OrderBy(static file => file.Heading.Contains(" = ", StringComparison.Ordinal) || file.Heading.Contains(" => ", StringComparison.Ordinal)))
        {
            if (heading.Split(" -> ") is [var link, var target])
                File.CreateSymbolicLink(PathOf(directory, link), target);
            else if (heading.Split(" => ") is [var second, var first])
                (await Command.RunAsync("ln", [Path.Combine(directory, first), PathOf(directory, second)])).Succeeded();
            else if (heading.Split(" = ") is [var archive, var members])
                (await Command.RunAsync("tar", ["-c", Compression(archive), "-f", PathOf(directory, archive), "-C", directory, .. members.Split(' ')])).Succeeded();
            else
                WriteFile(directory, Heading().Match(heading), text.Replace("%URL%", url, StringComparison.Ordinal));
        }
        var place = Options.ToList().IndexOf("-f");
        return place < 0 ? Options : [.. Options.Take(place + 1), Path.Combine(directory, Options[place + 1]), .. Options.Skip(place + 2)];
    }

    private static string Compression(string archive) => Path.GetExtension(archive) switch
    {
        ".gz" => "--gzip",
        ".bz2" => "--bzip2",
        ".xz" => "--xz",
        ".tar" => "--format=gnu",
        var other => throw new UnreachableException($"{other} is no archive's name"),
    };

    private static void WriteFile(string directory, Match heading, string text)
    {
        var path = PathOf(directory, heading.Groups["name"].Value);
        if (path.EndsWith('/'))
            Directory.CreateDirectory(path);
        else
            File.WriteAllText(path, text);
        var mode = heading.Groups["mode"] is { Success: true } given ? given.Value : path.EndsWith('/') ? "755" : "644";
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
    }

    private static string PathOf(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path.TrimEnd('/'))!);
        return path;
    }

    private static IEnumerable<BuildCase> Read(string file) =>
        ("\n" + File.ReadAllText(file)).Split("\n=== ").Skip(1).Select(static text =>
        {
            var parts = text.Split("\n--- ");
            var words = parts[0].TrimEnd().Split(' ');
            return new BuildCase(words[0], words[1..], [.. parts.Skip(1).Select(static part =>
            {
                var end = part.IndexOf('\n', StringComparison.Ordinal);
                return end < 0 ? (part, "") : (part[..end], part[(end + 1)..].TrimEnd('\n') is { Length: > 0 } content ? content + "\n" : "");
            })]);
        });

    [GeneratedRegex("^(?<name>.*?)(?: (?<mode>[0-7]{3,4}))?$")]
    private static partial Regex Heading();
}
