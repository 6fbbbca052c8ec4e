namespace Gantry.Client;

/// <summary>Directories of a client's, of which an engine that builds asks for what it does not have.</summary>
/// <remarks>Called from one thread, which is not the one that reads the build's events.</remarks>
public interface IBuildFiles
{
    /// <summary>Names of the directories.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>What tells them from those of other clients, and is the same in the next build of them; empty: nothing does.</summary>
    string Key { get; }

    /// <summary>Writes the listing of a directory.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="excludes">What is left out, as by a .dockerignore file.</param>
    /// <param name="followPaths">Only these, and what links on their way lead to; empty: everything.</param>
    /// <exception cref="Model.GantryException">It cannot be read.</exception>
    void WriteListing(string name, IReadOnlyList<string> excludes, IReadOnlyList<string> followPaths, Stream target);

    /// <summary>Writes contents of files of the last listing, by their places in it.</summary>
    /// <exception cref="Model.GantryException">One cannot be read.</exception>
    void WriteFiles(IReadOnlyList<int> places, Stream target);
}
