using Gantry.Cli.Config;
using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Cli.Commands;

/// <summary>Creates a container for <c>run</c> and <c>create</c>: pulls what is missing, writes the cidfile, shows the warnings.</summary>
internal static class ContainerCreation
{
    /// <summary>Creates it; returns its id.</summary>
    public static string Create(Invocation invocation, CreateSpec spec)
    {
        var flags = invocation.Flags;
        var policy = flags.Text("pull");
        if (policy is not ("always" or "missing" or "never"))
            throw new FlagException($"invalid pull option: '{policy}': must be one of \"always\", \"missing\" or \"never\"");
        Platforms.Check(flags.Text("platform"));
        var reference = ImageReference.Parse(spec.Config.Image!).WithDefaultTag();
        var cidFile = flags.Text("cidfile");
        if (cidFile.Length > 0 && File.Exists(cidFile))
        {
            // Docker's create says it without the usage, and exits as for any failure.
            throw new FlagException($"container ID file found, make sure the other container isn't running or delete {cidFile}")
            {
                ExitCode = invocation.Path.EndsWith("create", StringComparison.Ordinal) ? ExitCodes.Failure : null,
            };
        }
        if (flags.Bool("use-api-socket"))
            spec = WithApiSocket(invocation, spec);
        var environment = ProxySettings.Complete(spec.Config.Env, flags.List("env"), invocation.Context.Config, invocation.Context.Location.Address.Text);
        spec = spec with { Config = spec.Config with { Env = environment } };
        if (policy == "always")
            Pull(invocation, reference);
        var created = CreateOrPull(invocation, spec, reference, pull: policy == "missing");
        foreach (var warning in created.Warnings ?? [])
            invocation.Error.WriteLine("WARNING: " + warning);
        if (cidFile.Length > 0)
            WriteIdFile(cidFile, created.Id!);
        return created.Id!;
    }

    /// <summary>The detach keys of a command: its flag, else the configuration file's.</summary>
    public static string DetachKeysOf(Invocation invocation) =>
        invocation.Flags.Text("detach-keys") is { Length: > 0 } keys ? keys : invocation.Context.Config.Text("detachKeys");

    private static ContainerCreateResponse CreateOrPull(Invocation invocation, CreateSpec spec, ImageReference reference, bool pull)
    {
        var (name, platform) = (invocation.Flags.Text("name"), invocation.Flags.Text("platform"));
        try
        {
            return invocation.Client.Containers.Create(spec.Config, spec.Host, spec.Networking, name, platform);
        }
        catch (GantryException e) when (pull && e.Kind == ErrorKind.NotFound)
        {
            if (!invocation.Flags.Bool("quiet"))
                invocation.Error.WriteLine($"Unable to find image '{reference.Familiar}' locally");
            Pull(invocation, reference);
            return invocation.Client.Containers.Create(spec.Config, spec.Host, spec.Networking, name, platform);
        }
    }

    private static void Pull(Invocation invocation, ImageReference reference)
    {
        invocation.Error.Flush();
        PullCommand.Pull(invocation.Context, reference, invocation.Flags.Text("platform"), invocation.Error, invocation.Flags.Bool("quiet"));
        invocation.Error.Flush();
    }

    private static CreateSpec WithApiSocket(Invocation invocation, CreateSpec spec)
    {
        var socket = invocation.Context.Location.Address.SocketPath
            ?? throw new FlagException("flag --use-api-socket can only be used with a Unix socket: the engine is reached by TCP");
        var mount = new MountSpec { Type = "bind", Source = socket, Target = "/var/run/docker.sock", BindOptions = new() };
        return spec with { Host = spec.Host with { Mounts = [.. spec.Host.Mounts ?? [], mount] } };
    }

    private static void WriteIdFile(string path, string id)
    {
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(System.Text.Encoding.ASCII.GetBytes(id));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"failed to create the container ID file: open {path}: {EnvironmentFiles.Problem(e)}");
        }
    }
}
