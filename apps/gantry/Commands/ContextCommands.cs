using Gantry.Cli.Config;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Model;
using System.Buffers;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry context</c>: names for engines, shared with Docker's client.</summary>
internal static class ContextCommands
{
    public static readonly CommandSpec Ls = new()
    {
        Name = "ls",
        Usage = "[OPTIONS]",
        Summary = "List contexts",
        Aliases = ["context ls", "context list"],
        Arity = Arity.None,
        Flags = static () =>
        [
            new("format", FlagKind.Text, "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
            new("quiet", FlagKind.Bool, "Only show context names", 'q'),
        ],
        Run = List,
    };

    public static readonly CommandSpec Use = new()
    {
        Name = "use",
        Usage = "CONTEXT",
        Summary = "Set the current engine context",
        Arity = Arity.Exactly(1),
        Run = UseOne,
    };

    public static readonly CommandSpec Show = new()
    {
        Name = "show",
        Usage = "",
        Summary = "Print the name of the current context",
        Arity = Arity.None,
        Run = static invocation =>
        {
            invocation.Out.WriteLine(EngineLocation.ContextName(invocation.Context.Globals, invocation.Context.Config));
            return ExitCodes.Success;
        },
    };

    public static readonly CommandSpec Inspect = new()
    {
        Name = "inspect",
        Usage = "[OPTIONS] [CONTEXT] [CONTEXT...]",
        Summary = "Display detailed information on one or more contexts",
        Arity = Arity.Any,
        Flags = static () =>
        [
            new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates", 'f'),
        ],
        Run = static invocation => InspectCommand.Print(
            invocation,
            invocation.Arguments.Count > 0 ? invocation.Arguments : [EngineLocation.ContextName(invocation.Context.Globals, invocation.Context.Config)],
            name => Describe(invocation, name)),
    };

    public static readonly CommandSpec Rm = new()
    {
        Name = "rm",
        Usage = "CONTEXT [CONTEXT...]",
        Summary = "Remove one or more contexts",
        Aliases = ["context rm", "context remove"],
        Arity = Arity.AtLeast(1),
        Flags = static () => [new("force", FlagKind.Bool, "Force the removal of a context in use", 'f')],
        Run = static invocation => invocation.ForEach(name => Remove(invocation, name)),
    };

    private const string TypeName = "*formatter.clientContextContext";

    private static readonly Dictionary<string, string> Titles = new()
    {
        ["Name"] = "NAME", ["Description"] = "DESCRIPTION", ["DockerEndpoint"] = "DOCKER ENDPOINT", ["Error"] = "ERROR",
    };

    /// <summary>The context that flags, environment and Gantry's own socket make.</summary>
    internal static EngineContext DefaultContext(Invocation invocation) =>
        new(ContextStore.Default, "Current DOCKER_HOST based configuration", EngineLocation.DefaultAddress(invocation.Context.Globals, invocation.Context.Config).Address.Text, false);

    /// <summary>A context by name, the default one included.</summary>
    internal static EngineContext Get(Invocation invocation, string name) =>
        name == ContextStore.Default ? DefaultContext(invocation) : new ContextStore(invocation.Context.Config).Get(name);

    private static int List(Invocation invocation)
    {
        var current = EngineLocation.ContextName(invocation.Context.Globals, invocation.Context.Config);
        List<EngineContext> contexts = [DefaultContext(invocation), .. new ContextStore(invocation.Context.Config).All()];
        if (current != ContextStore.Default && !contexts.Exists(context => context.Name == current))
            contexts.Add(new EngineContext(current, "", "", false));
        contexts.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var format = invocation.Flags.Text("format");
        if (invocation.Flags.Bool("quiet") && format.Length == 0)
            format = "{{.Name}}";
        var marked = format is "" or "table";
        new ListFormat(TypeName, "{{.Name}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}", Titles).Print(invocation.Out, format, [.. contexts.Select(context => Row(context, context.Name == current, marked))]);
        WarnOfEnvironment(invocation, "To use a context");
        return ExitCodes.Success;
    }

    private static RowFields Row(EngineContext context, bool current, bool marked) => new(
        TypeName,
        [
            new("Name", () => marked && current ? context.Name + " *" : context.Name),
            new("Current", () => current),
            new("Description", () => context.Description),
            new("DockerEndpoint", () => context.Host),
            new("Error", () => context.Host.Length > 0 ? "" : "context not found, or it names no engine"),
        ]);

    private static int UseOne(Invocation invocation)
    {
        var name = invocation.Arguments[0];
        var store = new ContextStore(invocation.Context.Config);
        if (name != ContextStore.Default)
            _ = store.Get(name);
        store.Use(name);
        invocation.Out.WriteLine(name);
        invocation.Out.Flush();
        if (name != ContextStore.Default)
            WarnOfEnvironment(invocation, $"To use \"{name}\"");
        invocation.Error.WriteLine($"Current context is now \"{name}\"");
        return ExitCodes.Success;
    }

    /// <summary>An address in the environment goes before the context that is in use.</summary>
    private static void WarnOfEnvironment(Invocation invocation, string what)
    {
        if (EngineLocation.HostVariable() is not { } variable)
            return;
        invocation.Out.Flush();
        invocation.Error.WriteLine($"Warning: {variable} environment variable overrides the active context. {what}, either set the global --context flag, or unset {variable} environment variable.");
    }

    private static byte[] Describe(Invocation invocation, string name)
    {
        var context = Get(invocation, name);
        var store = new ContextStore(invocation.Context.Config);
        var isDefault = name == ContextStore.Default;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            (isDefault ? context with { Description = "" } : context).Write(json, more =>
            {
                more.WriteStartObject("TLSMaterial");
                if (!isDefault && store.TlsFiles(name) is { Count: > 0 } files)
                {
                    more.WriteStartArray("docker");
                    foreach (var file in files)
                        more.WriteStringValue(file);
                    more.WriteEndArray();
                }
                more.WriteEndObject();
                more.WriteStartObject("Storage");
                more.WriteString("MetadataPath", isDefault ? "<IN MEMORY>" : store.MetadataPath(name));
                more.WriteString("TLSPath", isDefault ? "<IN MEMORY>" : store.TlsPath(name));
                more.WriteEndObject();
            });
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Remove(Invocation invocation, string name)
    {
        var store = new ContextStore(invocation.Context.Config);
        if (name == ContextStore.Default)
            throw GantryException.Of(ErrorKind.Invalid, "context \"default\" cannot be removed");
        if (!store.Has(name))
            throw GantryException.Of(ErrorKind.NotFound, $"context \"{name}\" does not exist");
        if (invocation.Context.Config.Text("currentContext") == name)
        {
            if (!invocation.Flags.Bool("force"))
                throw GantryException.Of(ErrorKind.Conflict, $"context \"{name}\" is in use, set -f flag to force remove");
            store.Use(ContextStore.Default);
        }
        store.Remove(name);
    }
}
