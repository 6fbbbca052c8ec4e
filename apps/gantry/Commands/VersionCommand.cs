using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;
using Gantry.Client;
using Gantry.Model;
using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry version</c>.</summary>
internal static class VersionCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "version",
        Usage = "[OPTIONS]",
        Summary = "Show the Gantry version information",
        Aliases = ["version"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    /// <summary>This program's version.</summary>
    public const string ProductVersion = "0.1.0";

    private static int Run(Invocation invocation)
    {
        var format = invocation.Flags.Text("format");
        byte[]? server = null;
        GantryException? unreachable = null;
        try
        {
            server = invocation.Context.ClientIfRunning.System.Version();
        }
        catch (GantryException e)
        {
            unreachable = e;
        }
        using var document = JsonDocument.Parse(Whole(invocation, server));
        if (format == "json")
            invocation.Out.WriteLine(JsonText.Of(new JsonFields(document.RootElement, isMap: false)));
        else if (format.Length > 0)
            invocation.Out.WriteLine(ParsedFormat.Execute(ParsedFormat.Parse(format), new JsonFields(document.RootElement, isMap: false)));
        else
            Show(invocation.Out, document.RootElement);
        invocation.Out.Flush();
        if (unreachable is null)
            return ExitCodes.Success;
        invocation.Error.WriteLine(unreachable.Message);
        return ExitCodes.Failure;
    }

    /// <summary>Client and server in one document, as templates see them.</summary>
    private static byte[] Whole(Invocation invocation, byte[]? server)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("Client");
            json.WriteString("Version", ProductVersion);
            json.WriteString("ApiVersion", server is null ? EngineTransport.NewestVersion : invocation.Client.Transport.Version);
            json.WriteString("DefaultAPIVersion", EngineTransport.NewestVersion);
            json.WriteString("Os", "linux");
            json.WriteString("Arch", RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64");
            json.WriteString("Context", "default");
            json.WriteEndObject();
            json.WritePropertyName("Server");
            if (server is null)
                json.WriteNullValue();
            else
                json.WriteRawValue(server);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Show(TextOutput output, JsonElement whole)
    {
        var client = whole.GetProperty("Client");
        output.Write($"Client: Gantry\n Version:           {Text(client, "Version")}\n API version:       {Text(client, "ApiVersion")}\n OS/Arch:           {Text(client, "Os")}/{Text(client, "Arch")}\n Context:           {Text(client, "Context")}\n");
        if (whole.GetProperty("Server") is not { ValueKind: JsonValueKind.Object } server)
            return;
        var platform = server.TryGetProperty("Platform", out var named) && Text(named, "Name") is { Length: > 0 } name ? " " + name : "";
        output.Write($"\nServer:{platform}\n");
        if (!server.TryGetProperty("Components", out var components) || components.ValueKind != JsonValueKind.Array)
            return;
        foreach (var component in components.EnumerateArray())
            ShowComponent(output, component);
    }

    private static void ShowComponent(TextOutput output, JsonElement component)
    {
        var engine = Text(component, "Name") == "Engine";
        output.Write($" {Text(component, "Name")}:\n  Version:          {Text(component, "Version")}\n");
        if (!component.TryGetProperty("Details", out var details) || details.ValueKind != JsonValueKind.Object)
            return;
        if (!engine)
        {
            foreach (var detail in details.EnumerateObject())
                output.Write($"  {detail.Name + ":",-17} {detail.Value}\n");
            return;
        }
        var built = DateTimeOffset.TryParse(Text(details, "BuildTime"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.UtcDateTime.ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture).Insert(8, time.UtcDateTime.Day < 10 ? " " : "")
            : Text(details, "BuildTime");
        output.Write($"  API version:      {Text(details, "ApiVersion")} (minimum version {Text(details, "MinAPIVersion")})\n");
        if (Text(details, "GoVersion") is { Length: > 0 } go)
            output.Write($"  Go version:       {go}\n");
        output.Write($"  Git commit:       {Text(details, "GitCommit")}\n  Built:            {built}\n  OS/Arch:          {Text(details, "Os")}/{Text(details, "Arch")}\n  Experimental:     {Text(details, "Experimental")}\n");
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates", 'f'),
    ];
}
