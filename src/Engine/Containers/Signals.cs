using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>Signals that the engine sends, and those that clients name.</summary>
/// <remarks>Source: signal(7).</remarks>
public static class Signals
{
    public const int Hup = 1;
    public const int Kill = 9;
    public const int Term = 15;
    public const int Stop = 19;

    /// <summary>Reads <c>9</c>, <c>KILL</c>, <c>sigkill</c>, <c>RTMIN+3</c>.</summary>
    /// <exception cref="GantryException">Invalid: no such signal.</exception>
    public static int Parse(string text) => SignalNames.Find(text) ?? throw ContainerErrors.SignalInvalid(text);
}
