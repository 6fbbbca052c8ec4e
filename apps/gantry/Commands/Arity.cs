namespace Gantry.Cli.Commands;

/// <summary>How many arguments a command takes.</summary>
/// <param name="Least">At least so many.</param>
/// <param name="Most">At most so many; -1: any number.</param>
internal readonly record struct Arity(int Least, int Most)
{
    public static Arity None => new(0, 0);

    public static Arity Any => new(0, -1);

    public static Arity Exactly(int count) => new(count, count);

    public static Arity AtLeast(int count) => new(count, -1);

    public static Arity Between(int least, int most) => new(least, most);

    /// <summary>What is wrong with a number of arguments, in Docker's words behind the command's name; null: nothing.</summary>
    public string? Problem(int count)
    {
        if (count >= Least && (Most < 0 || count <= Most))
            return null;
        if (Least == 0 && Most == 0)
            return "accepts no arguments";
        if (Most < 0)
            return $"requires at least {Plural(Least)}";
        return Least == Most ? $"requires {Plural(Least)}" : count < Least && Least > 0 && Most < 0 ? $"requires at least {Plural(Least)}" : Least == 0 ? $"requires at most {Plural(Most)}" : $"requires at least {Least} and at most {Plural(Most)}";
    }

    private static string Plural(int count) => count == 1 ? "1 argument" : $"{count} arguments";
}
