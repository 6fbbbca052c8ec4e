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
        return new ContainerWait(CompleteAsync(task, requested));
    }

    private static async Task<ContainerWaitResponse> CompleteAsync(Task<ContainerRun> task, CancellationToken requested)
    {
        var run = await task.WaitAsync(requested);
        return new ContainerWaitResponse
        {
            StatusCode = run.ExitCode,
            Error = run.Error.Length > 0 ? new ContainerWaitExitError { Message = run.Error } : null,
        };
    }
}
