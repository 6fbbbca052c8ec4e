using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>What a client asked for with <c>create</c>, in the newest API shape.</summary>
public sealed record ContainerCreateSpec
{
    /// <summary>The name asked for, with or without a leading slash; null or empty: one is made up.</summary>
    public string? Name { get; init; }

    /// <summary>The platform asked for, as in <c>linux/arm64</c>; null: the image's.</summary>
    public string? Platform { get; init; }

    /// <summary>What runs.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>How the host runs it.</summary>
    public HostConfig? HostConfig { get; init; }

    /// <summary>Whether read-only binds leave what is mounted below them writable unless they say otherwise: clients before API 1.44 mean that.</summary>
    public bool KeepSubmountsWritable { get; init; }

    /// <summary>What it is connected to.</summary>
    public NetworkingConfig? NetworkingConfig { get; init; }
}
