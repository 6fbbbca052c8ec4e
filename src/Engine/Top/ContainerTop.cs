using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Monitors;
using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Top;

/// <summary>Lists a container's processes as ps does, mostly without it.</summary>
/// <remarks>Source: moby daemon/top_unix.go.</remarks>
internal sealed class ContainerTop(EngineParts parts)
{
    private const string DefaultArguments = "-ef";

    private readonly long _memoryBytes = SystemReport.MachineMemoryBytes();

    /// <summary>Lists them.</summary>
    /// <param name="container">Whose.</param>
    /// <param name="psArguments">For ps; null: <c>-ef</c>.</param>
    /// <param name="requested">Stops waiting for ps.</param>
    /// <exception cref="GantryException">Conflict: it does not run. Internal: ps refuses the arguments, or shows no PID.</exception>
    public async Task<ContainerTopResponse> RunAsync(Container container, string? psArguments, CancellationToken requested)
    {
        switch (container.Run.Status)
        {
            case ContainerStatus.Restarting:
                throw ContainerErrors.Restarting(container.Id);
            case var status when !ContainerStatus.HasProcess(status):
                throw ContainerErrors.NotRunning(container.Id);
        }
        var pids = Pids(container);
        var arguments = (string.IsNullOrEmpty(psArguments) ? DefaultArguments : psArguments).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var answer = PsArguments.Columns(arguments) is { } columns
            ? Show(columns, pids)
            : PsOutput.Parse(await PsProgram.RunAsync(arguments, pids, requested), [.. pids]);
        parts.Publish(container.Record, "top");
        return answer;
    }

    private ContainerTopResponse Show(IReadOnlyList<PsColumn> columns, IReadOnlyList<int> pids)
    {
        if (!columns.Any(column => column.Title == "PID"))
            throw PsOutput.NoPid();
        var host = PsHost.Read(parts.Time, _memoryBytes);
        return new ContainerTopResponse
        {
            Titles = [.. columns.Select(column => column.Title)],
            Processes = [.. pids.Select(ProcessRow.Find).OfType<ProcessRow>().Select(process => (IReadOnlyList<string>)[.. columns.Select(column => OneLine(column.Value(process, host)))])],
        };
    }

    // Docker parts the lines of ps into words and joins those of the command again.
    private static string OneLine(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private IReadOnlyList<int> Pids(Container container)
    {
        var cgroups = MonitorCgroups.Read(parts.Monitors.DirectoryOf(container.Id));
        var directory = cgroups.GetValueOrDefault("pids") ?? cgroups.Values.FirstOrDefault()
            ?? throw ContainerErrors.NotRunning(container.Id); // it ended just now
        return CgroupProcesses.Read(directory);
    }
}
