namespace Gantry.Cli.Init;

/// <summary>A kind of project that <c>gantry init</c> knows.</summary>
internal interface IProjectKind
{
    /// <summary>As <c>--type</c> names it.</summary>
    string Name { get; }

    /// <summary>What it is called in sentences.</summary>
    string Title { get; }

    /// <summary>Whether a folder is of this kind.</summary>
    bool Matches(ProjectFolder folder);

    /// <summary>The Dockerfile for it.</summary>
    string Dockerfile(ProjectFolder folder);

    /// <summary>What is not sent to builds, beyond what no project sends.</summary>
    IReadOnlyList<string> Ignored { get; }
}
