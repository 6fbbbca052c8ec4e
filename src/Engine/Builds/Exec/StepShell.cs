using Gantry.Build;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;

namespace Gantry.Engine.Builds;

/// <summary>A shell that runs where a step failed.</summary>
/// <param name="undo">Ends its process, and takes everything back.</param>
internal sealed class StepShell(MonitorClient monitor, MonitorStream terminal, UndoStack undo) : IStepShell
{
    public Stream Terminal => terminal;

    public Task ResizeAsync(int height, int width, CancellationToken cancellationToken) => monitor.ResizeAsync(null, height, width, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await terminal.DisposeAsync();
        await undo.DisposeAsync();
    }
}
