using Gantry.Engine.Monitors;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Containers;

/// <summary>A client that attached before the start.</summary>
internal sealed record PendingAttach(MonitorAttachRequest Request, MonitorStream Stream);
