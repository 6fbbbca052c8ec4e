using System.Text.RegularExpressions;

namespace Gantry.Build;

/// <summary>Which names of variables tell that their values are secret.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, validateNoSecretKey.</remarks>
internal static partial class SecretNames
{
    /// <summary>Whether a name is one.</summary>
    public static bool IsOne(string name) => Secret().IsMatch(name) && !Harmless().IsMatch(name);

    [GeneratedRegex("(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();

    [GeneratedRegex("(?:_|^)(?:public|file|version)(?:_|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Harmless();
}
