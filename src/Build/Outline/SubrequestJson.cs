using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>Source-generated JSON of answers about builds.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, WriteIndented = true)]
[JsonSerializable(typeof(BuildOutline))]
[JsonSerializable(typeof(TargetList))]
[JsonSerializable(typeof(CheckResult))]
[JsonSerializable(typeof(IReadOnlyList<SubrequestDescription>))]
public sealed partial class SubrequestJson : JsonSerializerContext
{
    /// <summary>With quotes and letters as they are: clients show the JSON to people.</summary>
    public static SubrequestJson Readable { get; } = new(new JsonSerializerOptions { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
