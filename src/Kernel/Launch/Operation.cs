namespace Gantry.Kernel.Launch;

/// <summary>One system call of a <see cref="SyscallProgram"/>, and what its result means.</summary>
public sealed class Operation
{
    internal Operation(SyscallProgram program, int index, long number, int step, Argument[] arguments)
    {
        Program = program;
        Index = index;
        Number = number;
        Step = step;
        Arguments = arguments;
    }

    /// <summary>The system call's number; negative for the interpreter's own operations.</summary>
    public long Number { get; }

    /// <summary>Always six.</summary>
    public IReadOnlyList<Argument> Arguments { get; }

    /// <summary>Index into <see cref="SyscallProgram.Steps"/>: what is reported when it fails.</summary>
    public int Step { get; }

    /// <summary>The errnos that are no failure; empty for none.</summary>
    public IReadOnlyList<int> Ignored { get; private set; } = [];

    /// <summary>No errno is a failure.</summary>
    public bool IgnoresAll { get; private set; }

    /// <summary>How many operations to jump over after success.</summary>
    public int SkipOnSuccess { get; private set; }

    /// <summary>How many operations to jump over after an ignored errno.</summary>
    public int SkipOnIgnored { get; private set; }

    /// <summary>The register that takes the result; -1 for none.</summary>
    public int Register { get; private set; } = -1;

    /// <summary>A smaller result is a failure too (a read of 0 bytes: the peer is gone).</summary>
    public long Least { get; private set; } = long.MinValue;

    internal int Index { get; }

    private SyscallProgram Program { get; }

    /// <summary>These errnos (below 128) are no failure.</summary>
    public Operation Ignore(params int[] errnos)
    {
        Ignored = errnos;
        return this;
    }

    /// <summary>No errno is a failure.</summary>
    public Operation IgnoreAll()
    {
        IgnoresAll = true;
        return this;
    }

    /// <summary>Keeps the result for later arguments.</summary>
    public Operation Save(int register)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(register, ChildContext.RegisterCount);
        Register = register;
        return this;
    }

    /// <summary>Fails when the result is below <paramref name="least"/>.</summary>
    public Operation AtLeast(long least)
    {
        Least = least;
        return this;
    }

    /// <summary>After success, goes on at the program's present end.</summary>
    public void OnSuccessGoHere() => SkipOnSuccess = Program.Operations.Count - Index - 1;

    /// <summary>After an ignored errno, goes on at the program's present end.</summary>
    public void OnIgnoredGoHere() => SkipOnIgnored = Program.Operations.Count - Index - 1;
}
