namespace Gantry.Kernel.Launch;

/// <summary>An argument of an operation: a number, a place in the program's data, or a register filled by an earlier operation.</summary>
/// <param name="Kind">How to read the value.</param>
/// <param name="Value">The number, the offset in the data, or the register's index.</param>
public readonly record struct Argument(ArgumentKind Kind, long Value)
{
    /// <summary>The result of the operation that saved to this register.</summary>
    public static Argument Register(int index) => new(ArgumentKind.Register, index);

    public static implicit operator Argument(int value) => new(ArgumentKind.Number, value);

    public static implicit operator Argument(uint value) => new(ArgumentKind.Number, value);

    public static implicit operator Argument(long value) => new(ArgumentKind.Number, value);

    public static implicit operator Argument(ulong value) => new(ArgumentKind.Number, unchecked((long)value));
}
