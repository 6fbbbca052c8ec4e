using Gantry.Model;

namespace Gantry.Cli.Specs;

/// <summary><c>--platform linux/arm64</c>: checked here, because a typing error would otherwise look like a missing image.</summary>
internal static class Platforms
{
    private static readonly string[] Known =
        ["linux", "windows", "darwin", "freebsd", "amd64", "x86_64", "arm64", "aarch64", "arm", "armhf", "386", "i386", "ppc64le", "s390x", "riscv64", "mips64le"];

    /// <summary>Checks a platform; empty is none.</summary>
    /// <exception cref="GantryException">Invalid: it is no platform.</exception>
    public static void Check(string platform)
    {
        if (platform.Length == 0)
            return;
        var parts = platform.Split('/');
        if (parts.Length > 3 || parts.Any(static p => p.Length == 0 || !p.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '(' or ')')))
            throw GantryException.Of(ErrorKind.Invalid, $"error parsing specified platform: {GoText.Quote(platform)} is an invalid component: write os/architecture, as in linux/arm64");
        if (parts.Length == 1 && Array.IndexOf(Known, parts[0].ToLowerInvariant()) < 0)
            throw GantryException.Of(ErrorKind.Invalid, $"error parsing specified platform: {GoText.Quote(platform)}: unknown operating system or architecture: invalid argument");
    }
}
