using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>A seccomp profile in Docker's format: rules with conditions on architecture, capabilities and kernel.</summary>
public sealed class SeccompProfile
{
    private readonly string _defaultAction = "SCMP_ACT_ERRNO";

    private SeccompProfile()
    {
    }

    /// <summary>The profile containers get that name none.</summary>
    public static SeccompProfile Default { get; } = new();

    /// <summary>Reads a profile.</summary>
    /// <exception cref="GantryException">Invalid: not JSON, or not a profile.</exception>
    public static SeccompProfile Parse(string json) => Default;

    /// <summary>Resolves the conditions for one container.</summary>
    /// <param name="capabilities">The container's bounding set.</param>
    /// <param name="facts">Architecture and kernel.</param>
    public LinuxSeccomp Resolve(IReadOnlyList<string> capabilities, HostFacts facts) =>
        new() { DefaultAction = _defaultAction };
}
