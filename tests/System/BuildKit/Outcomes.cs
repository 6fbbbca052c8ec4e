using Gantry.Build;
using Gantry.Model;

namespace Gantry.Tests.System.BuildKit;

/// <summary>What scripted builds say.</summary>
internal static class Outcomes
{
    public static readonly Digest Image = Digest.OfSha256(new byte[32]);

    public static BuildOutcome Of(BuildSpec spec) => new()
    {
        Image = spec.Outputs.Any(static o => o.Kind == BuildOutputKind.Image) ? Image : null,
        Names = [.. spec.Outputs.SelectMany(static o => o.Names)],
        Dockerfile = new Dockerfile { Directives = new ParserDirectives(), GlobalArguments = [], Stages = [], SourceText = [] },
    };

    public static VertexProgress Vertex(string name, bool done = true, string? error = null) => new()
    {
        Digest = DigestOf(name),
        Name = name,
        Inputs = [],
        Started = DateTimeOffset.UnixEpoch.AddYears(50),
        Completed = done ? DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(1) : null,
        Error = error,
    };

    public static Digest DigestOf(string name) => Digest.OfSha256(global::System.Security.Cryptography.SHA256.HashData(global::System.Text.Encoding.UTF8.GetBytes(name)));

    public static VertexLog Log(string vertex, string text) => new() { Vertex = DigestOf(vertex), Stream = 1, Data = global::System.Text.Encoding.UTF8.GetBytes(text), Time = DateTimeOffset.UnixEpoch.AddYears(50) };
}
