using System.Globalization;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Composition;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Prepares what <c>RUN --mount</c> asks for.</summary>
internal sealed class StepMounts(EngineParts parts, BuildTrees trees, CacheMounts caches, IBuildSession session)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="GantryException">NotFound: a source, or a required secret or agent, is not there.</exception>
    public async Task<PreparedMounts> PrepareAsync(ExecStep step, IReadOnlyList<StepResult> inputs, ContainerId key, CancellationToken cancellationToken)
    {
        var prepared = new PreparedMounts(MakeDirectory(key), parts.Facts.Remap);
        try
        {
            foreach (var (mount, number) in step.Mounts.Select((mount, number) => (mount, number)))
            {
                switch (mount.Kind)
                {
                    case StepMountKind.Bind:
                        await BindAsync(mount, inputs, prepared, number, cancellationToken);
                        break;
                    case StepMountKind.Cache:
                        await caches.MountAsync(mount, mount.From is { } from ? BuildTree.Of(inputs[from]) : null, prepared, cancellationToken);
                        break;
                    case StepMountKind.Tmpfs:
                        prepared.Add(new PlanMount { Kind = PlanMountKind.Tmpfs, Destination = mount.Target!, TmpfsOptions = mount.SizeBytes is { } size ? ["exec", string.Create(CultureInfo.InvariantCulture, $"size={size}")] : ["exec"] });
                        break;
                    case StepMountKind.Secret:
                        await SecretAsync(mount, prepared, number, cancellationToken);
                        break;
                    default:
                        await AgentAsync(step, mount, prepared, number, cancellationToken);
                        break;
                }
            }

            return prepared;
        }
        catch
        {
            await prepared.DisposeAsync();
            throw;
        }
    }

    // The root of a user namespace is nobody's on the host: it passes through, by a name that it is told. The files have their own modes.
    private string MakeDirectory(ContainerId key)
    {
        var mode = parts.Facts.Remap is null ? Private : Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var root = Path.Combine(parts.Options.ExecRoot, "builds");
        foreach (var directory in (string[])[root, Path.Combine(root, key.ToString())])
        {
            Directory.CreateDirectory(directory);
            File.SetUnixFileMode(directory, mode);
        }

        return Path.Combine(root, key.ToString());
    }

    private async Task BindAsync(StepMount mount, IReadOnlyList<StepResult> inputs, PreparedMounts prepared, int number, CancellationToken cancellationToken)
    {
        var tree = mount.From is { } from ? BuildTree.Of(inputs[from]) : BuildTree.Empty;
        SourcePath source;
        using (var root = trees.Open(tree))
            source = SourcePaths.Find(root, mount.Source, hasWildcards: false)[0];
        var plan = new PlanMount { Kind = PlanMountKind.Image, Destination = mount.Target!, ReadOnly = true, ImageLayers = trees.DirectoriesOf(tree), Subpath = source.Resolved.Length == 0 ? null : source.Resolved };
        if (mount.ReadOnly || tree.Layers.Count == 0 && tree.Directory is null)
        {
            prepared.AddKept(plan);
            return;
        }

        // What is written is thrown away, so it is written to a copy.
        var copy = Path.Combine(parts.Options.DataRoot, "builds", "scratch", $"{ContainerId.New()}-{number}");
        Directory.CreateDirectory(copy, Private);
        prepared.OnClose(() =>
        {
            Trees.TryRemove(copy);
            return ValueTask.CompletedTask;
        });
        await Threads.RunAsync(() => Copy(tree, source, copy, cancellationToken));
        prepared.AddKept(new PlanMount { Kind = PlanMountKind.Bind, Destination = mount.Target!, Source = source.IsDirectory ? copy : Path.Combine(copy, RawPath.Name(source.Resolved)) });
    }

    private void Copy(BuildTree tree, SourcePath source, string copy, CancellationToken cancellationToken)
    {
        var copier = new TreeCopier(new CopyRules { Owner = tree.OwnedByRoot ? (0, 0) : null }, cancellationToken);
        using var root = trees.Open(tree);
        using var to = Files.Open(copy, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        if (source.IsDirectory)
        {
            using var from = SourcePaths.Open(root, source, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
            copier.Content(from, to);
            if (Inodes.Status(from, Inodes.Empty, out var status) == 0)
                Inodes.ChangeMode(to, status.Permissions);
            return;
        }

        using var parent = SourcePaths.Open(root, new(source.Written, RawPath.Parent(source.Resolved), true), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        byte[] name = [.. System.Text.Encoding.UTF8.GetBytes(RawPath.Name(source.Resolved)), 0];
        copier.File(parent, name, to, name);
    }

    private async Task SecretAsync(StepMount mount, PreparedMounts prepared, int number, CancellationToken cancellationToken)
    {
        var value = await session.FindSecretAsync(mount.Id!, cancellationToken);
        if (value is null)
        {
            if (mount.Required)
                throw GantryException.Of(ErrorKind.NotFound, $"secret {mount.Id}: not found: pass it to the build, as in --secret id={mount.Id},src=FILE");
            return;
        }

        if (mount.Variable is { } variable)
            prepared.AddVariable(variable, System.Text.Encoding.UTF8.GetString(value));
        if (mount.Target is null)
            return;
        var path = prepared.PathOf($"secret-{number}");
        using (var file = Files.Open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_CLOEXEC, 0x180))
        {
            Files.WriteAll(file, value);
            var (uid, gid) = prepared.HostIds(mount.Uid, mount.Gid);
            Inodes.ChangeOwner(file, uid, gid);
            Inodes.ChangeMode(file, (uint)(mount.Mode ?? 0x100));
        }

        prepared.Add(new PlanMount { Kind = PlanMountKind.Bind, Destination = mount.Target, Source = path, ReadOnly = true });
    }

    private async Task AgentAsync(ExecStep step, StepMount mount, PreparedMounts prepared, int number, CancellationToken cancellationToken)
    {
        if (!await session.HasAgentAsync(mount.Id!, cancellationToken))
        {
            if (mount.Required)
                throw GantryException.Of(ErrorKind.NotFound, $"unset ssh forward key {mount.Id}: lend the build your agent, as in --ssh {mount.Id}");
            return;
        }

        var agent = AgentSocket.Listen(prepared.PathOf($"agent-{number}"), (uint)(mount.Mode ?? 0x180), prepared.HostIds(mount.Uid, mount.Gid), session, mount.Id!);
        prepared.OnClose(agent.DisposeAsync);
        prepared.Add(new PlanMount { Kind = PlanMountKind.Bind, Destination = mount.Target!, Source = agent.Path });
        // Programs find the first of several, unless the step says another.
        if (!step.Environment.Concat(prepared.Environment).Any(static v => v.StartsWith("SSH_AUTH_SOCK=", StringComparison.Ordinal)))
            prepared.AddVariable("SSH_AUTH_SOCK", mount.Target!);
    }
}
