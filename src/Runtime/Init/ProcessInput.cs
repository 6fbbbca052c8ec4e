using Gantry.Model.Oci;
using Gantry.Runtime.Confine;

namespace Gantry.Runtime.Init;

/// <summary>What <see cref="ProcessCompiler"/> needs: the part that init and exec have in common.</summary>
internal sealed record ProcessInput
{
    public required RuntimeProcess Process { get; init; }

    /// <summary>The slave side of the terminal; null without one.</summary>
    public int? Terminal { get; init; }

    /// <summary>Sources of descriptors 0, 1, 2; unused with a terminal.</summary>
    public required IReadOnlyList<int> Stdio { get; init; }

    /// <summary>Which of the streams are given to the process's user.</summary>
    public IReadOnlyList<bool> OwnsStdio { get; init; } = [false, false, false];

    public CapabilitySets Capabilities { get; init; } = new();

    /// <summary>The highest capability number of this kernel.</summary>
    public int LastCapability { get; init; }

    public SeccompFilter? Seccomp { get; init; }

    public bool CanSetGroups { get; init; } = true;

    public int PreserveFds { get; init; }
}
