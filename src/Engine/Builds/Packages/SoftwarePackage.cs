namespace Gantry.Engine.Builds;

/// <summary>A package that a file tree holds, as its package manager tells of it.</summary>
internal sealed record SoftwarePackage
{
    /// <summary>Of package URLs, as in <c>deb</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Who named it: a distribution, or a scope; empty: nobody.</summary>
    public string Space { get; init; } = "";

    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>rpm's, which comes before the version; empty: none.</summary>
    public string Epoch { get; init; } = "";

    public string Architecture { get; init; } = "";

    /// <summary>As in <c>debian-12</c>; empty: it is of no distribution.</summary>
    public string Distribution { get; init; } = "";

    /// <summary>The source package, where it is called otherwise.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>In the package's own words, which need not be SPDX's.</summary>
    public string License { get; init; } = "";

    /// <summary>Who looks after it, in the package's own words.</summary>
    public string Maintainer { get; init; } = "";

    /// <summary>The file that tells of it.</summary>
    public required string Source { get; init; }

    /// <summary>Its package URL.</summary>
    public string Url => PackageUrl.Of(Type, Space, Name, Version, [("arch", Architecture), ("distro", Distribution), ("epoch", Epoch), ("upstream", Upstream)]);
}
