using System.Text.Json.Serialization;
using Gantry.Engine.Links;
using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Containers.Records;

/// <summary>All that is kept of a container. Immutable: readers take it without a lock, changes make a new one.</summary>
public sealed record ContainerRecord
{
    /// <summary>The format's version.</summary>
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required ContainerId Id { get; init; }

    /// <summary>Without a slash.</summary>
    public required string Name { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The image's id; containers keep it when its name moves on.</summary>
    public required Digest ImageId { get; init; }

    /// <summary>The image's manifest, when it has one.</summary>
    public OCIDescriptor? Manifest { get; init; }

    /// <summary>The operating system.</summary>
    public string Platform { get; init; } = "linux";

    /// <summary>What runs, merged with the image's configuration.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>How, with every default filled in.</summary>
    public required HostConfig HostConfig { get; init; }

    /// <summary>What the client asked of its networks.</summary>
    public IReadOnlyDictionary<string, EndpointSettings>? Endpoints { get; init; }

    /// <summary>Volumes, binds and tmpfs mounts, with their sources found.</summary>
    public IReadOnlyList<PlanMount> Mounts { get; init; } = [];

    /// <summary>Containers that this one is linked to.</summary>
    public IReadOnlyList<ContainerLink> Links { get; init; } = [];

    /// <summary>How it is doing.</summary>
    public ContainerRun Run { get; init; } = new();

    /// <summary>Where it is on the network; null while it is not.</summary>
    public ContainerAttachment? Attachment { get; init; }

    /// <summary>The program: the first word of entrypoint and command.</summary>
    [JsonIgnore]
    public string Path => Words.FirstOrDefault() ?? "";

    /// <summary>Its arguments.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Arguments => [.. Words.Skip(1)];

    /// <summary>The name or id by which the image was asked for.</summary>
    [JsonIgnore]
    public string ImageName => Config.Image ?? "";

    /// <summary>Whether it has a terminal.</summary>
    [JsonIgnore]
    public bool Terminal => Config.Tty == true;

    private IEnumerable<string> Words => [.. Config.Entrypoint ?? [], .. Config.Cmd ?? []];
}
