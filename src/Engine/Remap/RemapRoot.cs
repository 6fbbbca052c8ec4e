using System.Globalization;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Remap;

/// <summary>
/// Finds the ids that containers' users get on the host (<c>--userns-remap</c>): the ranges that /etc/subuid and /etc/subgid
/// give to a user.
/// </summary>
/// <remarks>
/// Source: moby daemon/daemon_unix.go parseRemappedRoot and setupRemappedRoot; subuid(5), subgid(5). Both files are read for
/// the user, as in Docker: the group only has to exist. NOTE: for <c>default</c> Docker makes the user dockremap with
/// useradd(8). Here nothing is written into the host's files: of <c>default</c> only the ranges are needed, not the user.
/// </remarks>
public sealed class RemapRoot
{
    private const string Default = "default";
    private const string DefaultUser = "dockremap";

    private readonly string _directory;

    /// <param name="directory">Where passwd, group, subuid and subgid are.</param>
    public RemapRoot(string directory = "/etc") => _directory = directory;

    /// <summary>Whether a value can be one of <c>--userns-remap</c>; null, or what is wrong with it.</summary>
    public static string? Problem(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var words = value.Split(':');
        return words.Length <= 2 && words.All(static word => word.Length > 0 && !word.AsSpan().ContainsAny(" \t\n/"))
            ? null
            : $"\"{value}\": expected default, USER, USER:GROUP, UID or UID:GID";
    }

    /// <summary>The mapping of a value.</summary>
    /// <param name="value"><c>default</c>, <c>USER</c>, <c>USER:GROUP</c>, <c>UID</c> or <c>UID:GID</c>.</param>
    /// <returns>Null for root, which cannot be mapped to anything but itself.</returns>
    /// <exception cref="GantryException">Invalid: a user, a group or a range is missing; the sentence names the file and the line to add.</exception>
    public IdMap? Find(string value)
    {
        if (Problem(value) is { } problem)
            throw GantryException.Of(ErrorKind.Invalid, $"--userns-remap {problem}");
        var words = value.Split(':');
        var user = words[0] == Default ? new Account(DefaultUser, null) : UserOf(words[0]);
        if (words[0] != Default || words.Length == 2)
            CheckGroup(words.Length == 2 ? words[1] : user.Name == words[0] ? user.Name : words[0]);
        return user.Name == "root" ? null : new(Ranges("subuid", user), Ranges("subgid", user));
    }

    private Account UserOf(string word)
    {
        foreach (var fields in Entries("passwd", 3))
        {
            if (fields[0] == word || (IsNumber(word) && fields[2] == word))
                return new(fields[0], fields[2]);
        }

        throw GantryException.Of(
            ErrorKind.Invalid,
            $"--userns-remap {word}: {PathOf("passwd")} has no such user; make it, as with: useradd --system --no-create-home --shell /usr/sbin/nologin NAME; or use --userns-remap default, which needs none");
    }

    private void CheckGroup(string word)
    {
        if (!Entries("group", 3).Any(fields => fields[0] == word || (IsNumber(word) && fields[2] == word)))
            throw GantryException.Of(ErrorKind.Invalid, $"--userns-remap: {PathOf("group")} has no group {word}; make it with groupadd, or name another one, as in USER:GROUP");
    }

    // Several ranges of a user follow one another inside.
    private List<IdMapping> Ranges(string file, Account user)
    {
        var ranges = new List<IdMapping>();
        uint inside = 0;
        foreach (var fields in Entries(file, 3).Where(fields => fields[0] == user.Name || fields[0] == user.Uid))
        {
            if (!uint.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                || size == 0 || first == 0 || uint.MaxValue - first < size || uint.MaxValue - inside < size)
            {
                throw GantryException.Of(ErrorKind.Invalid, $"--userns-remap: {PathOf(file)} has the line \"{string.Join(':', fields)}\", which is no range of ids: write NAME:FIRST:COUNT, as in {user.Name}:231072:65536");
            }

            ranges.Add(new IdMapping { ContainerID = inside, HostID = first, Size = size });
            inside += size;
        }

        return ranges.Count > 0
            ? ranges
            : throw GantryException.Of(ErrorKind.Invalid, $"--userns-remap: {PathOf(file)} gives no ids to {user.Name}; add a line with a range that nobody else has, as in {user.Name}:231072:65536");
    }

    private IEnumerable<string[]> Entries(string file, int fields)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(PathOf(file));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }

        return lines.Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split(':')).Where(words => words.Length >= fields);
    }

    private string PathOf(string file) => Path.Combine(_directory, file);

    private static bool IsNumber(string word) => uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private sealed record Account(string Name, string? Uid);
}
