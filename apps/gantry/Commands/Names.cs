namespace Gantry.Cli.Commands;

/// <summary>What a command's arguments name, for completion.</summary>
internal enum Names
{
    None,
    Containers,
    RunningContainers,
    StoppedContainers,
    Images,
    ContainersAndImages,
    Files,
}
