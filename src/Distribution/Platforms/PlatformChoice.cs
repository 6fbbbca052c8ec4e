using System.Runtime.InteropServices;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Distribution;

/// <summary>Which of an index's manifests is for a platform.</summary>
/// <remarks>Source: containerd platforms: a newer ARM runs what is for an older one; amd64 likewise.</remarks>
public static class PlatformChoice
{
    /// <summary>This machine.</summary>
    public static Platform Host { get; } = RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => new() { Os = "linux", Architecture = "amd64" },
        Architecture.Arm64 => new() { Os = "linux", Architecture = "arm64", Variant = "v8" },
        var other => new() { Os = "linux", Architecture = other.ToString().ToLowerInvariant() },
    };

    /// <summary>Parses <c>os[/arch[/variant]]</c> or an architecture alone, in any of its usual names.</summary>
    /// <exception cref="GantryException">Invalid: not a platform.</exception>
    public static Platform Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length is 0 or > 3 || parts.Any(p => p.Length == 0 || p.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")))
            throw GantryException.Of(ErrorKind.Invalid, $"\"{text}\": invalid platform: write os/arch or os/arch/variant, as in linux/arm64");
        var first = parts[0].ToLowerInvariant();
        if (parts.Length == 1)
        {
            return first is "linux" or "windows" or "darwin" or "freebsd" ? new() { Os = first, Architecture = Host.Architecture, Variant = Host.Variant } : Normal(new() { Os = "linux", Architecture = first });
        }

        return Normal(new() { Os = first, Architecture = parts[1].ToLowerInvariant(), Variant = parts.Length == 3 ? parts[2].ToLowerInvariant() : null });
    }

    /// <summary>A platform as text: <c>linux/arm64/v8</c>.</summary>
    public static string Text(Platform platform) => $"{platform.Os}/{platform.Architecture}{(platform.Variant is { Length: > 0 } variant ? "/" + variant : "")}";

    /// <summary>The best of an index's entries for a platform; null when none can run there.</summary>
    public static Descriptor? Choose(IReadOnlyList<Descriptor> manifests, Platform wanted) =>
        manifests.Where(IsImage)
            .Select(manifest => (Manifest: manifest, Rank: manifest.Platform is null ? 0 : Rank(manifest.Platform, wanted)))
            .Where(m => m.Rank >= 0)
            .OrderByDescending(m => m.Rank)
            .Select(m => m.Manifest)
            .FirstOrDefault();

    /// <summary>Whether an image's platform runs where another is wanted.</summary>
    public static bool Fits(Platform offered, Platform wanted) => Rank(offered, wanted) >= 0;

    // Attestations stand beside images in an index. Source: buildkit docs/attestations/attestation-storage.md.
    private static bool IsImage(Descriptor manifest) => manifest.Annotations?.ContainsKey("vnd.docker.reference.type") != true && manifest.Platform is not { Architecture: "unknown" };

    // -1: does not run; else the higher the better.
    private static int Rank(Platform offered, Platform wanted)
    {
        offered = Normal(offered);
        wanted = Normal(wanted);
        if (offered.Os != wanted.Os)
            return -1;
        var most = Level(wanted);
        if (offered.Architecture == wanted.Architecture)
        {
            var level = Level(offered);
            // Asked for by variant, it must be that or one that runs there.
            return level <= most ? 100 + level : -1;
        }

        // 64-bit ARM machines run 32-bit programs, mostly; a last resort.
        return wanted.Architecture == "arm64" && offered.Architecture == "arm" ? Level(offered) : -1;
    }

    // No variant: the first of amd64, the eighth of arm64, the seventh of arm.
    private static int Level(Platform platform) =>
        platform.Variant is { Length: > 1 } variant && char.IsAsciiDigit(variant[1]) ? variant[1] - '0'
        : platform.Architecture switch { "arm64" => 8, "arm" => 7, _ => 1 };

    private static Platform Normal(Platform platform)
    {
        var architecture = platform.Architecture.ToLowerInvariant();
        var variant = platform.Variant is { Length: > 0 } v ? v.ToLowerInvariant() : null;
        if (variant is not null && char.IsAsciiDigit(variant[0]))
            variant = "v" + variant;
        (architecture, variant) = architecture switch
        {
            "x86_64" or "x86-64" => ("amd64", variant),
            "aarch64" => ("arm64", variant),
            "i386" or "x86" => ("386", null),
            "armhf" => ("arm", "v7"),
            "armel" => ("arm", "v6"),
            _ => (architecture, variant),
        };
        return platform with { Os = platform.Os.ToLowerInvariant(), Architecture = architecture, Variant = variant };
    }
}
