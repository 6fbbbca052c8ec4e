namespace Gantry.Engine.Containers;

/// <summary>What containers may be called, and what they are called when nobody says.</summary>
public static class ContainerNames
{
    /// <summary>Whether a name (without slash) is allowed: <c>[a-zA-Z0-9][a-zA-Z0-9_.-]+</c>.</summary>
    /// <remarks>Source: moby daemon/names/names.go.</remarks>
    public static bool IsValid(string name) =>
        name.Length >= 2 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>Takes the leading slash off that old clients send, and checks the rest.</summary>
    /// <exception cref="Model.GantryException">Invalid.</exception>
    public static string Normalize(string name)
    {
        var bare = name.StartsWith('/') ? name[1..] : name;
        return IsValid(bare) ? bare : throw ContainerErrors.NameInvalid(name);
    }

    /// <summary>Makes up a name.</summary>
    /// <param name="attempt">How many made-up names were taken already; from some tries on a digit is appended.</param>
    /// <param name="random">Where chance comes from.</param>
    public static string MakeUp(int attempt, Random random)
    {
        var name = $"{NameWords.Adjectives[random.Next(NameWords.Adjectives.Length)]}_{NameWords.Surnames[random.Next(NameWords.Surnames.Length)]}";
        return attempt < 4 ? name : $"{name}{random.Next(10 * attempt)}";
    }
}
