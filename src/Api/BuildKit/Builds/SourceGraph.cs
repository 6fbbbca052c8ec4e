using System.Text.Json;
using Gantry.Api.BuildKit.Wire.Pb;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>A graph of BuildKit's own that is a source and nothing more: a file of a web server, its content, or a git repository.
/// Clients send such graphs for Dockerfiles and bake files that lie elsewhere.</summary>
/// <param name="Location">As a Dockerfile's ADD and a build's context have it.</param>
/// <param name="FileName">What a web server's file is called; null: the source is a repository, or an archive that is unpacked.</param>
/// <remarks>Source: buildkit client/llb/source.go (Git, HTTP), frontend/dockerui/context.go.</remarks>
internal sealed record SourceGraph(string Location, string? FileName)
{
    private const string GitScheme = "git://";

    private string Options { get; init; } = "";

    /// <summary>The source; null: the graph is something else.</summary>
    /// <exception cref="Model.GantryException">Invalid: no graph.</exception>
    public static SourceGraph? Find(Definition graph)
    {
        var ops = LlbOps.Read(graph);
        if (ops.Target?.Source is { } source)
            return OfSource(source);
        // An archive that is unpacked into an empty tree.
        return ops.Target?.File is { Actions: [{ Input: -1, Copy: { AttemptUnpackDockerCompatibility: true, Dest: "/" } }] } && ops.Target.Inputs is [var only]
            && ops.ByDigest.TryGetValue(only.Digest, out var archive) && archive.Source is { } file && OfSource(file) is { FileName: not null } found
            ? found with { FileName = null, Options = found.Options + "--unpack=true " }
            : null;
    }

    /// <summary>A Dockerfile that makes the source an image: so it is fetched, cached and read as everything else.</summary>
    public byte[] ToDockerfile()
    {
        // JSON keeps spaces, and a backslash keeps what would be a variable.
        var words = (string[])[Location, "/" + FileName];
        var list = string.Join(", ", words.Select(static word => $"\"{JsonEncodedText.Encode(word.Replace("$", "\\$", StringComparison.Ordinal))}\""));
        return System.Text.Encoding.UTF8.GetBytes($"FROM scratch\nADD {Options}[{list}]\n");
    }

    private static SourceGraph? OfSource(SourceOp source)
    {
        if (source.Identifier.StartsWith("http://", StringComparison.Ordinal) || source.Identifier.StartsWith("https://", StringComparison.Ordinal))
        {
            var name = source.Attrs.TryGetValue("http.filename", out var given) ? Path.GetFileName(given) : "download";
            return new(source.Identifier, name) { Options = source.Attrs.TryGetValue("http.checksum", out var checksum) ? $"--checksum={Word(checksum)} " : "" };
        }

        if (!source.Identifier.StartsWith(GitScheme, StringComparison.Ordinal))
            return null;
        var fragment = source.Identifier.IndexOf('#', StringComparison.Ordinal);
        var remote = source.Attrs.TryGetValue("git.fullurl", out var url) ? url : "https://" + source.Identifier[GitScheme.Length..(fragment < 0 ? source.Identifier.Length : fragment)];
        return new(remote + (fragment < 0 ? "" : source.Identifier[fragment..]), null) { Options = source.Attrs.TryGetValue("git.keepgitdir", out var keep) && keep == "true" ? "--keep-git-dir=true " : "" };
    }

    // What is no digest is refused where it is read; a space would be another flag.
    private static string Word(string text) => text.Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
}
