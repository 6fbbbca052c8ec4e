using Gantry.Build;
using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>What a step's programs run in: its files, what is mounted over them, and who they are.</summary>
/// <param name="Key">What its processes are known by.</param>
/// <param name="User">Looked up in the step's files.</param>
internal sealed record StepState(ExecStep Step, ContainerId Key, Snapshot Snapshot, ResolvedUser User, PreparedMounts Mounts);
