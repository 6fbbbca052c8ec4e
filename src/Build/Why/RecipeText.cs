using System.Security.Cryptography;
using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>The values of a step's definition as they are kept and shown: no secrets, and not too long.</summary>
internal static class RecipeText
{
    private const int MostKept = 200;
    private const int MostShown = 60;
    private const string Hidden = "****";

    /// <summary>The definition as it is kept. What is cut off, or must not be read, leaves a digest: a change of it is seen all the same.</summary>
    public static Dictionary<string, string> Kept(IEnumerable<(string Name, string Value)> traits)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in traits)
        {
            // Several of a name, as two copies of one step have: the later ones get numbers.
            var free = name;
            for (var number = 2; kept.ContainsKey(free); number++)
                free = $"{name} ({number})";
            kept[free] = SecretNames.IsOne(VariableOf(name) ?? string.Empty) ? Hidden + Mark(value)
                : value.Length > MostKept ? value[..MostKept] + Mark(value) : value;
        }

        return kept;
    }

    /// <summary>The variable that a trait is about; null: about none.</summary>
    public static string? VariableOf(string trait) => trait.StartsWith(Vertex.VariableTrait, StringComparison.Ordinal) ? trait[Vertex.VariableTrait.Length..] : null;

    /// <summary>Whether a kept value stands for one that is not shown.</summary>
    public static bool IsHidden(string kept) => kept.StartsWith(Hidden, StringComparison.Ordinal);

    /// <summary>A kept value for people.</summary>
    public static string Shown(string kept) => GoText.Quote(kept.Length > MostShown ? kept[..MostShown] + "…" : kept);

    private static string Mark(string value) => "#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)).AsSpan(..8));
}
