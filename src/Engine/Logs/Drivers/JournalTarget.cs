using System.Globalization;
using System.Text;
using Gantry.Engine.Containers.Records;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Logs.Drivers;

/// <summary>The driver <c>journald</c>: systemd's journal with the fields that Docker gives each entry.</summary>
/// <remarks>Source: moby daemon/logger/journald/journald.go.</remarks>
internal static class JournalTarget
{
    /// <summary>Where the journal takes entries.</summary>
    public const string Socket = "/run/systemd/journal/socket";

    /// <exception cref="GantryException">Unavailable: there is no journal here.</exception>
    public static MonitorRemoteLog Of(ContainerRecord record, string tag, IReadOnlyDictionary<string, string> attributes)
    {
        if (!File.Exists(Socket))
            throw GantryException.Of(ErrorKind.Unavailable, "failed to initialize logging driver: journald is not enabled on this host: systemd's journal does not run; choose another --log-driver");
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in attributes)
            fields[FieldName(key)] = value;
        fields["CONTAINER_ID"] = record.Id.Short;
        fields["CONTAINER_ID_FULL"] = record.Id.ToString();
        fields["CONTAINER_NAME"] = record.Name;
        fields["CONTAINER_TAG"] = tag;
        fields["IMAGE_NAME"] = record.ImageName;
        fields["SYSLOG_IDENTIFIER"] = tag;
        return new MonitorRemoteLog { Protocol = "journal", Address = Socket, Fields = fields };
    }

    /// <summary>A name as the journal takes it: capital letters, digits and underscores, a letter first.</summary>
    internal static string FieldName(string name)
    {
        var field = new StringBuilder(name.Length);
        foreach (var letter in name.ToUpper(CultureInfo.InvariantCulture))
            field.Append(char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) ? letter : '_');
        return field.ToString().TrimStart('_', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
    }
}
