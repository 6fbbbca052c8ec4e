using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;
using Gantry.Model;
using System.Buffers;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry info</c>.</summary>
internal static class InfoCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "info",
        Usage = "[OPTIONS]",
        Summary = "Display system-wide information",
        Aliases = ["system info", "info"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var format = invocation.Flags.Text("format");
        byte[] server;
        try
        {
            server = invocation.Context.ClientIfRunning.System.Information();
        }
        catch (GantryException e)
        {
            if (format.Length == 0)
                invocation.Out.Write(ClientPart());
            invocation.Out.Flush();
            invocation.Error.WriteLine(e.Message);
            return ExitCodes.Failure;
        }
        using var json = JsonDocument.Parse(WithClient(server));
        var root = new JsonFields(json.RootElement, isMap: false);
        if (format == "json")
            invocation.Out.WriteLine(JsonText.Of(root));
        else if (format.Length > 0)
            invocation.Out.WriteLine(ParsedFormat.Execute(ParsedFormat.Parse(format), root));
        else
            Show(invocation, json.RootElement);
        return ExitCodes.Success;
    }

    private static string ClientPart() => $"Client: Gantry\n Version:    {VersionCommand.ProductVersion}\n Context:    default\n Debug Mode: false\n\nServer:\n";

    private static byte[] WithClient(byte[] server)
    {
        var buffer = new ArrayBufferWriter<byte>(server.Length + 256);
        using (var json = new Utf8JsonWriter(buffer))
        using (var document = JsonDocument.Parse(server))
        {
            json.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
                property.WriteTo(json);
            json.WriteStartObject("ClientInfo");
            json.WriteBoolean("Debug", false);
            json.WriteString("Version", VersionCommand.ProductVersion);
            json.WriteString("Context", "default");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Show(Invocation invocation, JsonElement info)
    {
        var output = invocation.Out;
        output.Write(ClientPart());
        Line(output, 1, "Containers", Text(info, "Containers"));
        Line(output, 2, "Running", Text(info, "ContainersRunning"));
        Line(output, 2, "Paused", Text(info, "ContainersPaused"));
        Line(output, 2, "Stopped", Text(info, "ContainersStopped"));
        Line(output, 1, "Images", Text(info, "Images"));
        Line(output, 1, "Server Version", Text(info, "ServerVersion"));
        Line(output, 1, "Storage Driver", Text(info, "Driver"));
        foreach (var pair in Items(info, "DriverStatus"))
            Line(output, 2, pair[0].ToString(), pair[1].ToString());
        Line(output, 1, "Logging Driver", Text(info, "LoggingDriver"));
        Line(output, 1, "Cgroup Driver", Text(info, "CgroupDriver"));
        Line(output, 1, "Cgroup Version", Text(info, "CgroupVersion"));
        if (info.TryGetProperty("Plugins", out var plugins) && plugins.ValueKind == JsonValueKind.Object)
        {
            output.WriteLine(" Plugins:");
            foreach (var kind in (string[])["Volume", "Network", "Log"])
                output.WriteLine($"  {kind}: {string.Join(' ', Items(plugins, kind))}");
        }
        if (info.TryGetProperty("Runtimes", out var runtimes) && runtimes.ValueKind == JsonValueKind.Object)
            Line(output, 1, "Runtimes", string.Join(' ', runtimes.EnumerateObject().Select(static r => r.Name)));
        Line(output, 1, "Default Runtime", Text(info, "DefaultRuntime"));
        if (Items(info, "SecurityOptions").Count > 0)
        {
            output.WriteLine(" Security Options:");
            foreach (var option in Items(info, "SecurityOptions"))
                ShowSecurity(output, option.ToString());
        }
        Line(output, 1, "Kernel Version", Text(info, "KernelVersion"));
        Line(output, 1, "Operating System", Text(info, "OperatingSystem"));
        Line(output, 1, "OSType", Text(info, "OSType"));
        Line(output, 1, "Architecture", Text(info, "Architecture"));
        output.WriteLine($" CPUs: {Text(info, "NCPU")}");
        output.WriteLine($" Total Memory: {Units.BinarySize(info.TryGetProperty("MemTotal", out var memory) && memory.ValueKind == JsonValueKind.Number ? memory.GetDouble() : 0)}");
        Line(output, 1, "Name", Text(info, "Name"));
        Line(output, 1, "ID", Text(info, "ID"));
        output.WriteLine($" Docker Root Dir: {Text(info, "DockerRootDir")}");
        output.WriteLine($" Debug Mode: {Text(info, "Debug").ToLowerInvariant()}");
        output.WriteLine($" Experimental: {Text(info, "ExperimentalBuild").ToLowerInvariant()}");
        ShowRegistries(output, info);
        output.WriteLine($" Live Restore Enabled: {Text(info, "LiveRestoreEnabled").ToLowerInvariant()}");
        output.Flush();
        foreach (var warning in Items(info, "Warnings"))
            invocation.Error.WriteLine(warning.ToString());
    }

    private static void ShowSecurity(TextOutput output, string option)
    {
        foreach (var pair in option.Split(','))
        {
            if (pair.StartsWith("name=", StringComparison.Ordinal))
                output.WriteLine("  " + pair[5..]);
            else if (pair.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
                output.WriteLine($"   {char.ToUpperInvariant(pair[0])}{pair[1..equals]}: {pair[(equals + 1)..]}");
        }
    }

    private static void ShowRegistries(TextOutput output, JsonElement info)
    {
        if (!info.TryGetProperty("RegistryConfig", out var registries) || registries.ValueKind != JsonValueKind.Object)
            return;
        if (Items(registries, "InsecureRegistryCIDRs") is { Count: > 0 } insecure)
        {
            output.WriteLine(" Insecure Registries:");
            foreach (var network in insecure)
                output.WriteLine($"  {network}");
        }
        if (Items(registries, "Mirrors") is { Count: > 0 } mirrors)
        {
            output.WriteLine(" Registry Mirrors:");
            foreach (var mirror in mirrors)
                output.WriteLine($"  {mirror}");
        }
    }

    private static void Line(TextOutput output, int indent, string name, string value)
    {
        if (value.Length > 0)
            output.WriteLine($"{new string(' ', indent)}{name}: {value}");
    }

    private static List<JsonElement> Items(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value.ToString() : "";

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates", 'f'),
    ];
}
