using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary>All commands by the paths they are called by.</summary>
internal static class CommandTree
{
    /// <summary>The groups, with what each is about.</summary>
    public static readonly (string Name, string Summary)[] Groups =
    [
        ("builder", "Manage builds"),
        ("container", "Manage containers"),
        ("image", "Manage images"),
        ("network", "Manage networks"),
        ("system", "Manage Gantry"),
        ("context", "Manage contexts"),
        ("volume", "Manage volumes"),
        ("completion", "Generate the autocompletion script for the specified shell"),
    ];

    /// <summary>The commands that help names first.</summary>
    public static readonly string[] Common = ["run", "exec", "ps", "build", "pull", "images", "version", "info"];

    /// <summary>The command of a name at the top level; null: there is none.</summary>
    public static CommandSpec? Find(string name) => name switch
    {
        "run" => RunCommand.Spec,
        "ps" => PsCommand.Spec,
        "build" => BuildCommand.Spec,
        "commit" => CommitCommand.Spec,
        "cp" => CpCommand.Spec,
        "create" => CreateCommand.Spec,
        "diff" => DiffCommand.Spec,
        "explain" => ExplainCommand.Spec,
        "export" => ExportCommand.Spec,
        "start" => StartCommand.Spec,
        "stop" => StopCommand.Spec,
        "restart" => RestartCommand.Spec,
        "kill" => KillCommand.Spec,
        "rm" => RmCommand.Spec,
        "logs" => LogsCommand.Spec,
        "attach" => AttachCommand.Spec,
        "exec" => ExecCommand.Spec,
        "wait" => WaitCommand.Spec,
        "inspect" => InspectCommand.Spec,
        "rename" => RenameCommand.Spec,
        "pause" => PauseCommand.Spec,
        "unpause" => UnpauseCommand.Spec,
        "port" => PortCommand.Spec,
        "top" => TopCommand.Spec,
        "stats" => StatsCommand.Spec,
        "update" => UpdateCommand.Spec,
        "login" => LoginCommand.Spec,
        "logout" => LogoutCommand.Spec,
        "pull" => PullCommand.Spec,
        "images" => ImagesCommand.Spec,
        "rmi" => RmiCommand.Spec,
        "tag" => TagCommand.Spec,
        "load" => LoadCommand.Spec,
        "import" => ImportCommand.Spec,
        "history" => HistoryCommand.Spec,
        "version" => VersionCommand.Spec,
        "info" => InfoCommand.Spec,
        "init" => InitCommand.Spec,
        "events" => EventsCommand.Spec,
        "__complete" => CompleteCommand.Spec,
        _ => null,
    };

    /// <summary>The command of a group; null: there is none.</summary>
    public static CommandSpec? Find(string group, string name) => group switch
    {
        "builder" => name switch
        {
            "build" => BuildCommand.Spec,
            "du" => BuilderDiskUsageCommand.Spec,
            "logs" => BuildLogsCommand.Spec,
            "prune" => BuilderPruneCommand.Spec,
            _ => null,
        },
        "container" => name switch
        {
            "ls" or "list" or "ps" => PsCommand.Spec,
            "inspect" => InspectCommand.ContainerSpec,
            "remove" or "rm" => RmCommand.Spec,
            "prune" => PruneCommand.Containers,
            "run" or "commit" or "cp" or "create" or "diff" or "explain" or "export" or "start" or "stop" or "restart" or "kill" or "logs" or "attach" or "exec" or "wait"
                or "rename" or "pause" or "unpause" or "port" or "top" or "stats" or "update" => Find(name),
            _ => null,
        },
        "image" => name switch
        {
            "ls" or "list" => ImagesCommand.Spec,
            "rm" or "remove" => RmiCommand.Spec,
            "inspect" => InspectCommand.ImageSpec,
            "prune" => PruneCommand.Images,
            "build" or "pull" or "tag" or "load" or "import" or "history" => Find(name),
            _ => null,
        },
        "volume" => name switch
        {
            "create" => VolumeCommands.Create,
            "inspect" => InspectCommand.VolumeSpec,
            "ls" or "list" => VolumeCommands.List,
            "prune" => PruneCommand.Volumes,
            "rm" or "remove" => VolumeCommands.Remove,
            _ => null,
        },
        "network" => name == "prune" ? PruneCommand.Networks : null,
        "system" => name switch
        {
            "df" => DiskUsageCommand.Spec,
            "prune" => SystemPruneCommand.Spec,
            "info" or "events" => Find(name),
            _ => null,
        },
        "context" => name switch
        {
            "ls" or "list" => ContextCommands.Ls,
            "use" => ContextCommands.Use,
            "show" => ContextCommands.Show,
            "inspect" => ContextCommands.Inspect,
            "rm" or "remove" => ContextCommands.Rm,
            "create" => ContextEditing.Create,
            "update" => ContextEditing.Update,
            "export" => ContextTransfer.Export,
            "import" => ContextTransfer.Import,
            _ => null,
        },
        "completion" => name is "bash" or "zsh" or "fish" ? CompletionCommand.Of(name) : null,
        _ => null,
    };

    /// <summary>The names of the commands at the top level, sorted.</summary>
    public static IReadOnlyList<string> TopNames { get; } =
    [
        "attach", "build", "commit", "cp", "create", "diff", "events", "exec", "explain", "export", "history", "images", "import", "info", "init", "inspect", "kill", "load", "login", "logout", "logs", "pause", "port", "ps", "pull",
        "rename", "restart", "rm", "rmi", "run", "start", "stats", "stop", "tag", "top", "unpause", "update", "version", "wait",
    ];

    /// <summary>The names of a group's commands, sorted.</summary>
    public static IReadOnlyList<string> NamesOf(string group) => group switch
    {
        "builder" => ["build", "du", "logs", "prune"],
        "container" => ["attach", "commit", "cp", "create", "diff", "exec", "explain", "export", "inspect", "kill", "logs", "ls", "pause", "port", "prune", "rename", "restart", "rm", "run", "start", "stats", "stop", "top", "unpause", "update", "wait"],
        "image" => ["build", "history", "import", "inspect", "load", "ls", "prune", "pull", "rm", "tag"],
        "network" => ["prune"],
        "system" => ["df", "events", "info", "prune"],
        "volume" => ["create", "inspect", "ls", "prune", "rm"],
        "context" => ["create", "export", "import", "inspect", "ls", "rm", "show", "update", "use"],
        "completion" => ["bash", "fish", "zsh"],
        _ => [],
    };

    /// <summary>Whether a name is a group's.</summary>
    public static bool IsGroup(string name)
    {
        foreach (var group in Groups)
        {
            if (group.Name == name)
                return true;
        }
        return false;
    }

    /// <summary>The command that somebody probably meant; null: none is near.</summary>
    public static string? Suggest(string typed, string? group) =>
        Nearest.Of(typed, group is null ? TopNames.Concat(Groups.Select(static g => g.Name)) : NamesOf(group));
}
