using Gantry.Model.Monitor;
using Gantry.Build;
using Gantry.Engine.Containers;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Runs what RUN says: in a container of its own, confined as all containers are.</summary>
internal sealed class ExecStepRunner(BuildTrees trees, StepProcess process, StepMounts mounts, Emulation emulation, IBuildSession session)
{
    /// <summary>Makes the step's tree.</summary>
    /// <exception cref="GantryException">The program could not be started, or ended with an exit code; then the cause is a <see cref="StepExitException"/>.</exception>
    public async Task<StepResult> RunAsync(ExecStep step, IReadOnlyList<StepResult> inputs, IBuildProgress progress, CancellationToken cancellationToken)
    {
        if (step.Platform is { } platform)
            emulation.Require(platform);
        var below = step.Root is { } place ? BuildTree.Of(inputs[place]) : BuildTree.Empty;
        if (below.Directory is not null)
            throw GantryException.Of(ErrorKind.Invalid, $"{step.Name}: a program cannot run on files that are no image's");
        using var tree = trees.Begin(below, mountPoints: true);
        await using var mounted = await mounts.PrepareAsync(step, inputs, tree.Key, cancellationToken);
        MountStubs stubs;
        StepState? state = null;
        ContainerExit exit;
        try
        {
            using (var root = RootfsView.Open(tree.Snapshot))
            {
                state = new StepState(step, tree.Key, tree.Snapshot, ContainerUser.FindIn(root, step.User, null), mounted);
                stubs = MountStubs.Find(root, [.. mounted.Mounts.Select(m => m.Destination)]);
            }

            exit = await process.RunAsync(state, progress, cancellationToken);
        }
        catch (GantryException failure)
        {
            if (failure.Launch is not null && state is not null)
                await VisitAsync(tree, state, cancellationToken);
            throw GantryException.Of(failure.Kind, $"process \"{string.Join(' ', step.Arguments)}\" did not complete successfully: {failure.Message}", failure.Launch, failure);
        }

        if (exit.ExitCode != 0)
        {
            await VisitAsync(tree, state, cancellationToken);
            throw Failed(step, exit);
        }

        using (var root = trees.Open(below))
            stubs.Remove(root, tree.Snapshot.UpperPath);
        return await tree.CommitAsync(cancellationToken);
    }

    private Task VisitAsync(WritableTree tree, StepState state, CancellationToken cancellationToken) =>
        session.VisitAsync(state.Step, token => process.OpenShellAsync(state with { Snapshot = tree.Reopen() }, token), cancellationToken);

    // Source: BuildKit executor/errdefs; clients look for these words.
    private static GantryException Failed(ExecStep step, ContainerExit exit)
    {
        var command = string.Join(' ', step.Arguments);
        var killed = exit.OomKilled ? ": it was killed for want of memory: give the build more (--memory), or make the step need less" : "";
        return GantryException.Of(ErrorKind.Invalid, $"process \"{command}\" did not complete successfully: exit code: {exit.ExitCode}{killed}", cause: new StepExitException(step, step.Arguments, exit.ExitCode));
    }
}
