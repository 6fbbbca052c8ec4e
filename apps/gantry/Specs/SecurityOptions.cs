using System.Text.Json;
using System.Text;
using Gantry.Cli.Flags;
using Gantry.Model;

namespace Gantry.Cli.Specs;

/// <summary><c>--security-opt</c>: a seccomp profile's file is read here, because the engine cannot see the client's files.</summary>
internal sealed record SecurityOptions(IReadOnlyList<string>? Options, bool SystemPathsUnconfined)
{
    /// <summary>Reads the options.</summary>
    /// <exception cref="FlagException">One is no option, or a profile cannot be read.</exception>
    public static SecurityOptions Of(IReadOnlyList<string> values)
    {
        List<string>? options = null;
        var unconfined = false;
        foreach (var value in values)
        {
            if (value == "systempaths=unconfined")
                unconfined = true;
            else
                (options ??= []).Add(Resolve(value));
        }
        return new(options, unconfined);
    }

    private static string Resolve(string value)
    {
        var separator = value.IndexOf('=', StringComparison.Ordinal);
        if (separator < 0 && value != "no-new-privileges")
        {
            separator = value.IndexOf(':', StringComparison.Ordinal);
            if (separator < 0)
                throw new FlagException($"Invalid --security-opt: {GoText.Quote(value)}");
        }
        if (separator < 0 || value[..separator] != "seccomp")
            return value;
        var profile = value[(separator + 1)..];
        return profile is "unconfined" or "builtin" ? value : "seccomp=" + ReadProfile(profile);
    }

    private static string ReadProfile(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            using var compact = new MemoryStream();
            using (var writer = new Utf8JsonWriter(compact, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                json.RootElement.WriteTo(writer);
            return Encoding.UTF8.GetString(compact.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"opening seccomp profile ({path}) failed: open {path}: {EnvironmentFiles.Problem(e)}");
        }
        catch (JsonException e)
        {
            throw new FlagException($"compacting json for seccomp profile ({path}) failed: {e.Message}");
        }
    }
}
