using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>Every sentence about containers that clients may parse, written once.</summary>
/// <remarks>Source: moby daemon/{errors,names,delete,kill,exec,rename,pause,unpause,start,update}.go.</remarks>
public static class ContainerErrors
{
    /// <summary>What the daemon puts before a runtime's refusal; the docker CLI searches the whole for its exit codes 126 and 127.</summary>
    public const string CreateTask = "failed to create task for container";

    /// <summary>A program that is not there, or not allowed, is a fault of the request: a 404 would say that the container is missing.</summary>
    /// <remarks>Source: moby daemon/errors.go translateContainerdStartErr.</remarks>
    public static GantryException NotLaunched(GantryException refused)
    {
        ArgumentNullException.ThrowIfNull(refused);
        var kind = refused.Kind is ErrorKind.NotFound or ErrorKind.Forbidden ? ErrorKind.Invalid : refused.Kind;
        return GantryException.Of(kind, $"{CreateTask}: {refused.Message}", refused.Launch, refused);
    }

    public static GantryException NotFound(string name) => GantryException.Of(ErrorKind.NotFound, $"No such container: {name}");

    public static GantryException Ambiguous(string prefix) => GantryException.Of(ErrorKind.Invalid, $"multiple IDs found with provided prefix: {prefix}");

    public static GantryException NameInvalid(string name) => GantryException.Of(ErrorKind.Invalid, $"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");

    public static GantryException NameTaken(string name, ContainerId holder) => GantryException.Of(
        ErrorKind.Conflict,
        $"Conflict. The container name \"/{name}\" is already in use by container \"{holder}\". You have to remove (or rename) that container to be able to reuse that name.");

    public static GantryException RenameToNothing() => GantryException.Of(ErrorKind.Invalid, "Neither old nor new names may be empty");

    public static GantryException RenameToSame() => GantryException.Of(ErrorKind.Invalid, "Renaming a container with the same name as its current name");

    public static GantryException NoCommand() => GantryException.Of(ErrorKind.Invalid, "no command specified");

    public static GantryException NotRunning(ContainerId id) => GantryException.Of(ErrorKind.Conflict, $"container {id} is not running");

    public static GantryException IpcNotRunning(ContainerId id) => GantryException.Of(ErrorKind.Conflict, $"failed to join IPC namespace: container {id} is not running");

    public static GantryException IpcNotShareable(ContainerId id) =>
        GantryException.Of(ErrorKind.Invalid, $"failed to join IPC namespace: container {id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)");

    public static GantryException CannotKill(string name, ContainerId id) => GantryException.Of(ErrorKind.Conflict, $"cannot kill container: {name}: container {id} is not running");

    public static GantryException CannotKill(string name, GantryException why) => GantryException.During($"cannot kill container: {name}", why);

    public static GantryException CannotRename(GantryException why) => GantryException.During("Error when allocating new name", why);

    public static GantryException AlreadyStarted(string name) => GantryException.Of(ErrorKind.NotModified, $"container {name} is already running");

    public static GantryException AlreadyStopped(string name) => GantryException.Of(ErrorKind.NotModified, $"container {name} is already stopped");

    public static GantryException StartPaused() => GantryException.Of(ErrorKind.Conflict, "cannot start a paused container, try unpause instead");

    public static GantryException StartDead() => GantryException.Of(ErrorKind.Conflict, "container is marked for removal and cannot be started");

    public static GantryException RemoveRunning(string name, string status) => GantryException.Of(
        ErrorKind.Conflict,
        status == ContainerStatus.Paused
            ? $"cannot remove container \"/{name}\": container is paused and must be unpaused first"
            : $"cannot remove container \"/{name}\": container is {status}: stop the container before removing or force remove");

    public static GantryException RemovalUnderWay(string name) => GantryException.Of(ErrorKind.Conflict, $"removal of container {name} is already in progress");

    public static GantryException AlreadyPaused(ContainerId id) => GantryException.Of(ErrorKind.Conflict, $"Container {id} is already paused");

    public static GantryException NotPaused(ContainerId id) => GantryException.Of(ErrorKind.Conflict, $"Container {id} is not paused");

    public static GantryException Restarting(ContainerId id) => GantryException.Of(ErrorKind.Conflict, $"Container {id} is restarting, wait until the container is running");

    public static GantryException Paused(string name, string before) => GantryException.Of(ErrorKind.Conflict, $"Container {name} is paused, unpause the container before {before}");

    public static GantryException CannotUpdate(ContainerId id, string why, GantryException? cause = null) =>
        GantryException.Of(ErrorKind.Conflict, $"Cannot update container {id}: {why}", cause: cause);

    public static GantryException SignalInvalid(string signal) => GantryException.Of(ErrorKind.Invalid, $"invalid signal: {signal}");

    public static GantryException ExecNotFound(string id) => GantryException.Of(ErrorKind.NotFound, $"No such exec instance: {id}");

    public static GantryException ExecNoCommand() => GantryException.Of(ErrorKind.Invalid, "No exec command specified");

    public static GantryException ExecRunning(string id) => GantryException.Of(ErrorKind.Conflict, $"exec command {id} is already running");

    public static GantryException ExecDone(string id) => GantryException.Of(ErrorKind.Conflict, $"exec command {id} has already run");

    public static GantryException ExecNotRunning(string id) => GantryException.Of(ErrorKind.Conflict, $"exec {id} is not running");

    public static GantryException LogsUnreadable(string driver) => GantryException.Of(ErrorKind.NotSupported, $"configured logging driver \"{driver}\" does not support reading");
}
