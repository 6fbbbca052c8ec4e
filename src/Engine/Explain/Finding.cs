using Gantry.Model.Api;

namespace Gantry.Engine.Explain;

/// <summary>Makes findings.</summary>
internal static class Finding
{
    public static ContainerFinding Of(string code, string sentence, string fix, string? evidence = null) =>
        new() { Code = code, Sentence = sentence, Fix = fix, Specific = true, Evidence = evidence };

    /// <summary>One that says in words what the exit code says in a number.</summary>
    public static ContainerFinding Plain(string code, string sentence, string fix) =>
        new() { Code = code, Sentence = sentence, Fix = fix, Specific = false };
}
