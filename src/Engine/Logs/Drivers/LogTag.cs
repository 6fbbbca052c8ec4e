using System.Text;
using System.Text.RegularExpressions;
using Gantry.Engine.Containers.Records;
using Gantry.Model;

namespace Gantry.Engine.Logs.Drivers;

/// <summary>The log option <c>tag</c>: a text with fields of the container, as in <c>{{.Name}}/{{.ID}}</c>. Pure.</summary>
/// <remarks>Source: moby daemon/logger/loggerutils/log_tag.go and loginfo.go.</remarks>
internal static partial class LogTag
{
    /// <summary>What lines are marked with when nobody says.</summary>
    public const string Default = "{{.ID}}";

    private static readonly string[] s_fields = ["ID", "FullID", "Name", "FullName", "ImageID", "ImageFullID", "ImageName", "DaemonName", "Hostname"];

    /// <summary>Refuses what cannot be expanded.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(string tag)
    {
        foreach (Match action in Action().Matches(tag))
        {
            if (!s_fields.Contains(action.Groups[1].Value))
                throw GantryException.Of(ErrorKind.Invalid, $"invalid log tag: {action.Value} is no field of a container's log: there are {string.Join(", ", s_fields.Select(field => $"{{{{.{field}}}}}"))}");
        }
    }

    /// <summary>Fills the fields in.</summary>
    public static string Expand(string tag, ContainerRecord container)
    {
        var text = new StringBuilder();
        var at = 0;
        foreach (Match action in Action().Matches(tag))
        {
            text.Append(tag, at, action.Index - at).Append(Field(action.Groups[1].Value, container));
            at = action.Index + action.Length;
        }
        return text.Append(tag, at, tag.Length - at).ToString();
    }

    private static string Field(string name, ContainerRecord container) => name switch
    {
        "ID" => container.Id.Short,
        "FullID" => container.Id.ToString(),
        "Name" => container.Name,
        "FullName" => $"/{container.Name}",
        "ImageID" => container.ImageId.Short,
        "ImageFullID" => container.ImageId.ToString(),
        "ImageName" => container.ImageName,
        "DaemonName" => "gantry",
        "Hostname" => container.Config.Hostname ?? "",
        _ => "",
    };

    [GeneratedRegex(@"\{\{\s*\.?([^{}]*?)\s*\}\}")]
    private static partial Regex Action();
}
