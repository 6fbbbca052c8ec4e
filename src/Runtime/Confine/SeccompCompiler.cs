using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>Compiles the seccomp part of a runtime config to BPF. Pure.</summary>
public static class SeccompCompiler
{
    /// <summary>Compiles a filter for this machine.</summary>
    /// <exception cref="GantryException">Invalid: an unknown action, operator, architecture or flag; a filter that is too long.</exception>
    public static SeccompFilter Compile(LinuxSeccomp seccomp) => throw GantryException.Of(ErrorKind.NotSupported, "seccomp is not compiled yet");
}
