using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>A predicate with what it is said of.</summary>
/// <remarks>Source: in-toto attestation, Statement v0.1.</remarks>
internal static class Statement
{
    /// <summary>Writes one.</summary>
    /// <param name="subjects">Names and digests.</param>
    public static byte[] Write(Predicate predicate, IEnumerable<(string Name, Digest Digest)> subjects) => JsonText.Object(json =>
    {
        json.WriteString("_type", "https://in-toto.io/Statement/v0.1");
        json.WriteString("predicateType", predicate.Type);
        json.Objects("subject", subjects, subject =>
        {
            json.WriteString("name", subject.Name);
            json.Object("digest", () => json.WriteString(subject.Digest.Algorithm, subject.Digest.Hex));
        });
        json.WritePropertyName("predicate");
        using var content = JsonDocument.Parse(predicate.Content);
        content.RootElement.WriteTo(json);
    });
}
