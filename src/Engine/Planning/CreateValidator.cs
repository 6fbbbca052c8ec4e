using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Checks what a client wants before anything is made. Every problem is found at once.</summary>
public static class CreateValidator
{
    /// <summary>The problems, in Docker's words where it has some; empty when all is well.</summary>
    public static IReadOnlyList<string> Problems(ContainerConfig config, HostConfig hostConfig, HostFacts facts) => [];

    /// <summary>What does not hinder the container but differs from what was asked: the <c>Warnings</c> of the create response.</summary>
    public static IReadOnlyList<string> Warnings(HostConfig hostConfig, HostFacts facts) => [];

    /// <summary>Throws when there are problems: one sentence, several joined with newlines.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(ContainerConfig config, HostConfig hostConfig, HostFacts facts)
    {
        var problems = Problems(config, hostConfig, facts);
        if (problems.Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, string.Join('\n', problems));
    }
}
