using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary><c>--secret id=npmrc,src=/home/me/.npmrc</c>, <c>--secret id=TOKEN,env=GITHUB_TOKEN</c>: the values, read on this machine.</summary>
/// <remarks>Source: buildx reference of "build --secret"; BuildKit's limit of a secret's size.</remarks>
internal static class SecretSpecs
{
    private const int LargestSecret = 500 << 10;

    /// <summary>Reads the values.</summary>
    /// <exception cref="FlagException">A flag makes no sense, or its source is not there.</exception>
    public static Dictionary<string, byte[]> Read(IReadOnlyList<string> flags, Func<string, string?> environment)
    {
        var secrets = new Dictionary<string, byte[]>();
        foreach (var flag in flags)
        {
            var (id, value) = ReadOne(flag, environment);
            secrets[id] = value;
        }

        return secrets;
    }

    private static (string Id, byte[] Value) ReadOne(string flag, Func<string, string?> environment)
    {
        var (id, type, file, variable) = ("", "", "", "");
        foreach (var field in Csv.Parse(flag))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw new FlagException($"invalid secret: field '{field}' must be a key=value pair");
            var value = field[(equals + 1)..];
            _ = field[..equals].ToLowerInvariant() switch
            {
                "id" => id = value,
                "type" => type = value is "file" or "env" ? value : throw new FlagException($"unsupported secret type {GoText.Quote(value)}"),
                "source" or "src" => file = value,
                "env" => variable = value,
                var key => throw new FlagException($"unexpected key '{key}' in '{field}'"),
            };
        }

        if (id.Length == 0)
            throw new FlagException($"invalid secret \"{flag}\": give it an id, as in id=token,src=token.txt");
        if (type == "env" && variable.Length == 0)
            (variable, file) = (file.Length > 0 ? file : id, "");
        // With an id alone: the variable of this name, or the file.
        if (variable.Length == 0 && file.Length == 0)
            (variable, file) = type != "file" && environment(id) is not null ? (id, "") : ("", id);
        var secret = variable.Length > 0
            ? System.Text.Encoding.UTF8.GetBytes(environment(variable) ?? throw new FlagException($"secret {id}: the environment has no variable {variable}"))
            : ReadFile(id, file);
        return secret.Length <= LargestSecret ? (id, secret) : throw new FlagException($"secret {id}: it is larger than {LargestSecret >> 10} kB");
    }

    private static byte[] ReadFile(string id, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"secret {id}: failed to stat {path}: {EnvironmentFiles.Problem(e)}");
        }
    }
}
