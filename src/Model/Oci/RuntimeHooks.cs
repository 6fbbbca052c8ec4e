namespace Gantry.Model.Oci;

/// <summary>Programs run at points of the container's life.</summary>
public sealed record RuntimeHooks
{
    public IReadOnlyList<RuntimeHook>? Prestart { get; init; }

    public IReadOnlyList<RuntimeHook>? CreateRuntime { get; init; }

    public IReadOnlyList<RuntimeHook>? CreateContainer { get; init; }

    public IReadOnlyList<RuntimeHook>? StartContainer { get; init; }

    public IReadOnlyList<RuntimeHook>? Poststart { get; init; }

    public IReadOnlyList<RuntimeHook>? Poststop { get; init; }
}
