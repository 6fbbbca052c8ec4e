using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Init;

/// <summary>Where a program may be, as a shell would search.</summary>
internal static class ProgramSearch
{
    /// <summary>The paths to try, in order; at least one.</summary>
    /// <exception cref="GantryException">Invalid: no program at all.</exception>
    public static IReadOnlyList<string> Candidates(RuntimeProcess process)
    {
        if (process.Args.Count == 0 || process.Args[0].Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, "process.args is empty: there is no program to run");
        var name = process.Args[0];
        if (name.Contains('/', StringComparison.Ordinal)) return [name];
        var path = Variable(process.Env, "PATH") ?? "";
        var candidates = new List<string>();
        foreach (var directory in path.Split(':'))
        {
            // An empty entry means the working directory in a shell; Docker does not search there, and an image should not make it.
            if (directory.Length > 0) candidates.Add($"{directory.TrimEnd('/')}/{name}");
        }

        // NOTE: never the bare name: execve would take it from the working directory. This one cannot exist.
        return candidates.Count > 0 ? candidates : [$"/nonexistent/{name}"];
    }

    /// <summary>The value of an environment variable; the last one counts.</summary>
    public static string? Variable(IReadOnlyList<string> environment, string name)
    {
        for (var i = environment.Count - 1; i >= 0; i--)
        {
            var entry = environment[i];
            if (entry.Length > name.Length && entry[name.Length] == '=' && entry.StartsWith(name, StringComparison.Ordinal)) return entry[(name.Length + 1)..];
        }

        return null;
    }
}
