using Gantry.Engine.Containers.Records;
using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>Waits for ends and removals.</summary>
internal static class WaitContainer
{
    /// <summary>Begins to wait.</summary>
    public static ContainerWait Begin(Container container, WaitCondition condition, CancellationToken requested)
    {
        var exit = container.NextExit; // taken before the state is looked at: an end in between completes it
        var task = condition switch
        {
            WaitCondition.Removed => container.Removed,
            WaitCondition.NextExit => exit,
            _ when ContainerStatus.HasProcess(container.Run.Status) => exit,
            _ => Task.FromResult(container.Run),
        };
        return new ContainerWait(CompleteAsync(task, condition, requested));
    }

    private static async Task<ContainerWaitResponse> CompleteAsync(Task<ContainerRun> task, WaitCondition condition, CancellationToken requested)
    {
        var run = await task.WaitAsync(requested);
        return new ContainerWaitResponse
        {
            StatusCode = run.ExitCode,
            // Who waits for the removal hears how the removal went; that a start failed was said to who asked for the start.
            Error = run.Error.Length > 0 && condition != WaitCondition.Removed ? new ContainerWaitExitError { Message = run.Error } : null,
        };
    }
}
