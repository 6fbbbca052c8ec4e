using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Events;
using Gantry.Engine.Exec;
using Gantry.Engine.Images;
using Gantry.Engine.Networks;
using Gantry.Engine.Volumes;
using Microsoft.Extensions.Logging;

namespace Gantry.Engine;

/// <summary>The engine: the life of containers and all they need. One per data root.</summary>
public sealed class GantryEngine : IAsyncDisposable
{
    private GantryEngine()
    {
    }

    public required ContainerOperations Containers { get; init; }

    public required ExecOperations Execs { get; init; }

    public required NetworkOperations Networks { get; init; }

    public required VolumeOperations Volumes { get; init; }

    public required EventLog Events { get; init; }

    public required ImageOperations Images { get; init; }

    public required SystemReport Report { get; init; }

    /// <summary>Opens the engine on its roots: makes them where they are missing, and finds what an earlier engine left running.</summary>
    /// <param name="options">Its configuration.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="lifetime">Ends when the process is to stop; operations that are past their commit end with it.</param>
    /// <exception cref="Model.GantryException">Conflict: another engine has these roots.</exception>
    public static Task<GantryEngine> OpenAsync(EngineOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken lifetime) =>
        throw new NotSupportedException();

    /// <summary>Lets go of everything; containers keep running.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
