namespace Gantry.Build;

/// <summary>The types of <c>RUN --mount</c>.</summary>
public enum StepMountKind
{
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}
