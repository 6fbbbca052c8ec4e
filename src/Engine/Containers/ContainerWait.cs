using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>A wait that has begun: an exit after this moment is not missed.</summary>
/// <param name="Completion">Completes when the condition holds.</param>
public sealed record ContainerWait(Task<ContainerWaitResponse> Completion);
