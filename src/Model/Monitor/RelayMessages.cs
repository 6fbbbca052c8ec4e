using System.Text.Json;
using static Gantry.Model.Monitor.MonitorRequests;

namespace Gantry.Model.Monitor;

/// <summary>What an engine tells a monitor of the connections that it passes on.</summary>
internal static class RelayMessages
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<MonitorRelay> relays)
    {
        json.WriteStartArray("relays"u8);
        foreach (var relay in relays)
        {
            json.WriteStartObject();
            json.WriteNumber("fd"u8, relay.Index);
            json.WriteString("address"u8, relay.Address);
            json.WriteNumber("port"u8, relay.Port);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static List<MonitorRelay> Read(ref Utf8JsonReader json)
    {
        List<MonitorRelay> relays = [];
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            string? address = null;
            int index = 0, port = 0;
            while (Next(ref json))
            {
                if (json.ValueTextEquals("fd"u8))
                    index = Number(ref json);
                else if (json.ValueTextEquals("address"u8))
                    address = Text(ref json);
                else if (json.ValueTextEquals("port"u8))
                    port = Number(ref json);
                else
                    json.Skip();
            }
            relays.Add(new MonitorRelay(index, Required(address, "relays.address"), port));
        }
        return relays;
    }
}
