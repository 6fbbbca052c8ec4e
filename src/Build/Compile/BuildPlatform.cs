using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>Platforms as Dockerfiles write them.</summary>
/// <remarks>Source: containerd/platforms.</remarks>
internal static class BuildPlatform
{
    /// <summary>Reads <c>os</c>, <c>architecture</c>, <c>os/architecture</c> or <c>os/architecture/variant</c>, in any of their usual names.</summary>
    /// <param name="host">Whose architecture an operating system alone has.</param>
    /// <exception cref="GantryException">Invalid: it is none.</exception>
    public static Platform Parse(string text, Platform host)
    {
        var parts = text.Split('/');
        foreach (var part in parts)
        {
            if (part.Length == 0 || part.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')))
                throw GantryException.Of(ErrorKind.Invalid, $"{GoText.Quote(part)} is an invalid component of {GoText.Quote(text)}: platform specifier component must match \"^[A-Za-z0-9_.-]+$\": invalid argument");
        }
        if (parts.Length > 3)
            throw GantryException.Of(ErrorKind.Invalid, $"{GoText.Quote(text)}: cannot parse platform specifier: invalid argument");
        if (parts.Length > 1)
            return Normalize(new() { Os = parts[0].ToLowerInvariant(), Architecture = parts[1], Variant = parts.Length == 3 ? parts[2] : null });
        if (parts[0].ToLowerInvariant() is "linux" or "windows" or "darwin" or "freebsd")
            return host with { Os = parts[0].ToLowerInvariant() };
        var alone = Normalize(new() { Os = "linux", Architecture = parts[0] });
        return alone.Architecture is "amd64" or "arm64" or "arm" or "386" or "ppc64le" or "s390x" or "riscv64" or "mips64le" or "loong64"
            ? alone
            : throw GantryException.Of(ErrorKind.Invalid, $"{GoText.Quote(text)}: unknown operating system or architecture: invalid argument");
    }

    /// <summary>The same platform with the names that Go has for it; variants that go without saying are left out.</summary>
    public static Platform Normalize(Platform platform)
    {
        var variant = platform.Variant?.ToLowerInvariant() ?? string.Empty;
        (var architecture, variant) = platform.Architecture.ToLowerInvariant() switch
        {
            "x86_64" or "x86-64" or "amd64" => ("amd64", variant == "v1" ? string.Empty : variant),
            "i386" => ("386", string.Empty),
            "aarch64" or "arm64" => ("arm64", variant is "8" or "v8" ? string.Empty : variant),
            "armhf" => ("arm", "v7"),
            "armel" => ("arm", "v6"),
            "arm" => ("arm", variant switch { "" or "7" => "v7", "5" or "6" or "8" => "v" + variant, _ => variant }),
            var other => (other, variant),
        };
        return platform with { Architecture = architecture, Variant = variant.Length > 0 ? variant : null };
    }

    /// <summary><c>os/architecture[/variant]</c></summary>
    public static string Text(Platform platform) => $"{platform.Os}/{platform.Architecture}{(platform.Variant is { Length: > 0 } variant ? "/" + variant : string.Empty)}";
}
