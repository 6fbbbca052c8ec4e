namespace Gantry.Engine.Explain;

/// <summary>What the rules ask of a container's files.</summary>
internal interface IContainerFiles
{
    /// <summary>Whether there is something at a path, links followed within the container.</summary>
    bool Exists(string path);

    /// <summary>The names in a directory; empty when there is none.</summary>
    IReadOnlyList<string> List(string directory);
}
