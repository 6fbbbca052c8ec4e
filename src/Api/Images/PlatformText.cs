using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;

namespace Gantry.Api.Images;

/// <summary>Platforms as requests write them: <c>linux/arm64/v8</c>, or an object of the OCI's shape (from API 1.48 on).</summary>
/// <remarks>Source: containerd platforms.Parse, moby httputils.DecodePlatform.</remarks>
public static class PlatformText
{
    private static readonly string[] s_systems =
        ["aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos"];

    private static readonly string[] s_architectures =
    [
        "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le",
        "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
    ];

    /// <returns>Null when no platform was asked for.</returns>
    /// <exception cref="GantryException">Invalid: neither of the two forms.</exception>
    public static Platform? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return text.TrimStart() is ['{', ..] ? FromJson(text) : FromSpecifier(text.Trim());
    }

    private static Platform FromJson(string text)
    {
        try
        {
            var platform = ApiJson.Read<OCIPlatform>(text);
            if (platform is { Os.Length: > 0, Architecture.Length: > 0 })
            {
                return new Platform
                {
                    Os = platform.Os.ToLowerInvariant(),
                    Architecture = Architecture(platform.Architecture),
                    Variant = Variant(platform.Architecture, platform.Variant),
                    OsVersion = platform.OsVersion,
                    OsFeatures = platform.OsFeatures,
                };
            }
        }
        catch (JsonException)
        {
            // Told below, like an object that lacks its members.
        }
        throw GantryException.Of(ErrorKind.Invalid, $"invalid platform: {text}: expected an object like {{\"os\":\"linux\",\"architecture\":\"arm64\"}}");
    }

    private static Platform FromSpecifier(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 3 || parts.Any(static p => p.Length == 0 || !p.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')))
            throw GantryException.Of(ErrorKind.Invalid, $"\"{text}\" is an invalid platform: expected os/architecture or os/architecture/variant, as in linux/arm64");
        // One word is an operating system or an architecture.
        if (parts.Length == 1)
        {
            if (s_systems.Contains(parts[0].ToLowerInvariant()))
                return new Platform { Os = parts[0].ToLowerInvariant(), Architecture = HostArchitecture };
            return s_architectures.Contains(Architecture(parts[0]))
                ? new Platform { Os = "linux", Architecture = Architecture(parts[0]), Variant = Variant(parts[0], null) }
                : throw GantryException.Of(ErrorKind.Invalid, $"\"{text}\": unknown operating system or architecture: invalid argument");
        }
        return new Platform
        {
            Os = parts[0].ToLowerInvariant(),
            Architecture = Architecture(parts[1]),
            Variant = Variant(parts[1], parts.Length == 3 ? parts[2] : null),
        };
    }

    private static string HostArchitecture =>
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    // Source: containerd platforms/database.go, normalizeArch.
    private static string Architecture(string name) => name.ToLowerInvariant() switch
    {
        "x86_64" or "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" or "i486" or "i586" or "i686" => "386",
        "armhf" or "armel" => "arm",
        var other => other,
    };

    private static string? Variant(string architecture, string? variant) => (architecture.ToLowerInvariant(), variant?.ToLowerInvariant()) switch
    {
        ("aarch64" or "arm64", "8" or "v8") => null,
        ("arm" or "armhf", null or "" or "7") => "v7",
        ("armel", null or "") => "v6",
        (_, null or "") => null,
        (_, var given) => given,
    };
}
