using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads what follows the question mark of a repository's address.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/dfgitutil, loadQuery.</remarks>
internal static class GitQuery
{
    /// <summary>Adds what a query says.</summary>
    /// <exception cref="GantryException">Invalid: it says something unknown, twice, or against what was said before.</exception>
    public static GitReference Apply(GitReference reference, string query)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? tag = null;
        string? branch = null;
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var key = Uri.UnescapeDataString(equals < 0 ? part : part[..equals]);
            var value = equals < 0 ? string.Empty : Uri.UnescapeDataString(part[(equals + 1)..].Replace('+', ' '));
            if (!seen.Add(key))
                throw Invalid($"query {GoText.Quote(key)} has multiple values");
            if (value.Length == 0 && key is not ("submodules" or "keep-git-dir"))
                throw Invalid($"query {GoText.Quote(key)} has no value");
            switch (key)
            {
                case "ref":
                    reference = reference with { Ref = Same("ref", reference.Ref, value) };
                    break;
                case "tag":
                    tag = Under("refs/tags/", value);
                    break;
                case "branch":
                    branch = Under("refs/heads/", value);
                    break;
                case "subdir":
                    reference = reference with { Subdirectory = Same("subdir", reference.Subdirectory, value) };
                    break;
                case "checksum" or "commit":
                    reference = reference with { Checksum = value };
                    break;
                case "keep-git-dir":
                    reference = reference with { KeepGitDirectory = Bool(key, value) };
                    break;
                case "submodules":
                    reference = reference with { SkipsSubmodules = !Bool(key, value) };
                    break;
                case "mtime":
                    reference = reference with { KeepsCommitTime = value switch { "commit" => true, "checkout" => false, _ => throw Invalid($"invalid mtime value: {GoText.Quote(value)}") } };
                    break;
                case "fetch-by-commit":
                    // How a commit is fetched is no part of what is built.
                    break;
                default:
                    throw Invalid($"unexpected query {GoText.Quote(key)}");
            }
        }
        if (tag is not null && branch is not null)
            throw Invalid("branch conflicts with tag");
        if ((tag ?? branch) is { } named)
            reference = reference with { Ref = Same("ref", reference.Ref, named) };
        return reference with { Ref = reference.Ref ?? reference.Checksum };
    }

    private static string Under(string prefix, string name) => name.StartsWith(prefix, StringComparison.Ordinal) ? name : prefix + name;

    private static string Same(string what, string? before, string now) => before is null || before == now
        ? now
        : throw Invalid($"{what} conflicts: {GoText.Quote(before)} vs {GoText.Quote(now)}");

    private static bool Bool(string key, string value) =>
        value.Length == 0 || (GoText.FindBool(value) ?? throw Invalid($"invalid {key} value: {GoText.Quote(value)}"));

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}
