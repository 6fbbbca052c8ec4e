using System.Diagnostics;
using Gantry.Model;

namespace Gantry.Engine.Operations;

/// <summary>Places where a test makes an operation fail, to see that nothing is left behind. Compiled away in Release.</summary>
public static class FailPoint
{
    private static readonly AsyncLocal<string?> s_armed = new();

    /// <summary>Makes the next passage of a point fail, in this flow of calls; null: none.</summary>
    public static void Arm(string? name) => s_armed.Value = name;

    /// <summary>Fails when the point is armed.</summary>
    [Conditional("DEBUG")]
    public static void Hit(string name)
    {
        if (s_armed.Value == name)
            throw GantryException.Of(ErrorKind.Internal, $"failpoint {name}");
    }
}
