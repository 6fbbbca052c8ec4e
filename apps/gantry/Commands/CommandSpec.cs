using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary>One command: what parsing, help and completion need to know, and what runs it.</summary>
internal sealed record CommandSpec
{
    /// <summary>Its name, as in <c>ps</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What stands behind the name in the usage line, as in <c>[OPTIONS] CONTAINER</c>.</summary>
    public required string Usage { get; init; }

    /// <summary>One line that says what it does.</summary>
    public required string Summary { get; init; }

    /// <summary>Every path it can be called by, as in <c>container ls</c>, <c>ps</c>; none: only this one.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Makes the table of its flags.</summary>
    public Func<IReadOnlyList<Flag>> Flags { get; init; } = static () => [];

    /// <summary>How many arguments it takes.</summary>
    public Arity Arity { get; init; } = Arity.Any;

    /// <summary>Whether its first argument ends its flags, as for <c>run</c>.</summary>
    public bool StopsAtFirstArgument { get; init; }

    /// <summary>What its arguments name, for completion.</summary>
    public Names Names { get; init; }

    /// <summary>Whether help leaves it out.</summary>
    public bool Hidden { get; init; }

    /// <summary>Runs it; returns the exit code.</summary>
    public required Func<Invocation, int> Run { get; init; }
}
