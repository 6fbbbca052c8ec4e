namespace Gantry.Engine.Top;

/// <summary>Reads the arguments of ps that can be answered without it. Pure.</summary>
internal static class PsArguments
{
    /// <summary>The columns that arguments ask for; null: ask ps.</summary>
    /// <param name="arguments">As a shell would part them.</param>
    public static IReadOnlyList<PsColumn>? Columns(IReadOnlyList<string> arguments)
    {
        IReadOnlyList<string>? names = arguments switch
        {
            ["-ef" or "-fe" or "-f"] or ["-e", "-f"] => PsColumns.Full,
            ["aux" or "-aux" or "axu" or "uax" or "u"] => PsColumns.UserOriented,
            ["-o" or "-eo" or "-Ao", ..] or ["-e", "-o", ..] => Chosen(arguments),
            _ => null,
        };
        if (names is null)
            return null;
        var columns = new List<PsColumn>();
        foreach (var name in names)
        {
            if (PsColumns.Find(name) is not { } column)
                return null;
            columns.Add(column);
        }
        return columns;
    }

    /// <summary>The names behind each <c>-o</c>; one that gives a title of its own, or any other option, is a matter for ps.</summary>
    private static List<string>? Chosen(IReadOnlyList<string> arguments)
    {
        var names = new List<string>();
        var index = arguments[0] == "-e" ? 1 : 0;
        for (; index + 1 < arguments.Count; index += 2)
        {
            if (arguments[index] is not ("-o" or "-eo" or "-Ao"))
                return null;
            names.AddRange(arguments[index + 1].Split(','));
        }
        return index == arguments.Count ? names : null;
    }
}
