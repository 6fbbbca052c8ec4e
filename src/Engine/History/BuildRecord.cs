namespace Gantry.Engine.History;

/// <summary>What is known of a build whose log is kept.</summary>
public sealed record BuildRecord
{
    public required string Id { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Null: it runs, or the engine died with it.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary><c>running</c>, <c>built</c>, <c>failed</c>, <c>canceled</c>, or <c>broken off</c>: the engine died with it.</summary>
    public required string Status { get; init; }

    /// <summary>Why there is no result; empty: it has one, or runs.</summary>
    public string Failure { get; init; } = "";

    /// <summary>What the client called the build; its id, where it called it nothing.</summary>
    public required string Reference { get; init; }

    /// <summary>Where the files came from, as in <see cref="Gantry.Build.BuildSpec.Context"/>.</summary>
    public string Context { get; init; } = "";

    public string Dockerfile { get; init; } = "";

    /// <summary>Empty: the last stage.</summary>
    public string Target { get; init; } = "";

    /// <summary>Steps that were to be done; known when the build is over, like the other counts.</summary>
    public int Steps { get; init; }

    /// <summary>Of these, those that have a result.</summary>
    public int CompletedSteps { get; init; }

    /// <summary>Of these, those whose result was there already.</summary>
    public int CachedSteps { get; init; }

    /// <summary>What linting found.</summary>
    public int Warnings { get; init; }

    /// <summary>The names that were asked for.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
