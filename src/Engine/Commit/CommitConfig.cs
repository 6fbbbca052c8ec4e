using Gantry.Engine.Containers;
using Gantry.Engine.Images;
using Gantry.Model.Api;

namespace Gantry.Engine.Commit;

/// <summary>The configuration of an image that is made of a container. Pure.</summary>
/// <remarks>Source: moby daemon/commit.go CreateImageFromContainer: the request's, changed, completed with the container's.</remarks>
internal static class CommitConfig
{
    /// <exception cref="Model.GantryException">Invalid: a change that cannot be used here.</exception>
    public static ImageConfig Of(ContainerConfig? asked, ContainerConfig container, IReadOnlyList<string> changes)
    {
        var changed = ConfigurationChanges.Apply(ImageOf(asked ?? container), changes);
        return ImageOf(ConfigMerge.Merge(ContainerOf(changed), ImageOf(container)));
    }

    private static ImageConfig ImageOf(ContainerConfig config) => new()
    {
        User = config.User,
        ExposedPorts = config.ExposedPorts,
        Env = config.Env,
        Cmd = config.Cmd,
        Healthcheck = config.Healthcheck,
        ArgsEscaped = config.ArgsEscaped,
        Volumes = config.Volumes,
        WorkingDir = config.WorkingDir,
        Entrypoint = config.Entrypoint,
        OnBuild = config.OnBuild,
        Labels = config.Labels,
        StopSignal = config.StopSignal,
        Shell = config.Shell,
    };

    private static ContainerConfig ContainerOf(ImageConfig config) => new()
    {
        User = config.User,
        ExposedPorts = config.ExposedPorts,
        Env = config.Env,
        Cmd = config.Cmd,
        Healthcheck = config.Healthcheck,
        ArgsEscaped = config.ArgsEscaped,
        Volumes = config.Volumes,
        WorkingDir = config.WorkingDir,
        Entrypoint = config.Entrypoint,
        OnBuild = config.OnBuild,
        Labels = config.Labels,
        StopSignal = config.StopSignal,
        Shell = config.Shell,
    };
}
