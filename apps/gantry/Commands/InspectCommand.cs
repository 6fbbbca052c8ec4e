using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;
using Gantry.Model;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry inspect</c>, and the same for containers or images alone.</summary>
internal static class InspectCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "inspect",
        Usage = "[OPTIONS] NAME|ID [NAME|ID...]",
        Summary = "Return low-level information on Gantry objects",
        Arity = Arity.AtLeast(1),
        Names = Names.ContainersAndImages,
        Flags = static () =>
        [
            new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates", 'f'),
            new("size", FlagKind.Bool, "Display total file sizes if the type is container", 's'),
            new("type", FlagKind.Text, "Only inspect objects of the given type"),
        ],
        Run = static invocation => Run(invocation, invocation.Flags.Text("type")),
    };

    public static readonly CommandSpec ContainerSpec = new()
    {
        Name = "inspect",
        Usage = "[OPTIONS] CONTAINER [CONTAINER...]",
        Summary = "Display detailed information on one or more containers",
        Arity = Arity.AtLeast(1),
        Names = Names.Containers,
        Flags = static () =>
        [
            new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates", 'f'),
            new("size", FlagKind.Bool, "Display total file sizes", 's'),
        ],
        Run = static invocation => Run(invocation, "container"),
    };

    public static readonly CommandSpec ImageSpec = new()
    {
        Name = "inspect",
        Usage = "[OPTIONS] IMAGE [IMAGE...]",
        Summary = "Display detailed information on one or more images",
        Arity = Arity.AtLeast(1),
        Names = Names.Images,
        Flags = static () =>
        [
            new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates", 'f'),
            new("platform", FlagKind.Text, "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)"),
        ],
        Run = static invocation => Run(invocation, "image"),
    };

    public static readonly CommandSpec VolumeSpec = new()
    {
        Name = "inspect",
        Usage = "[OPTIONS] VOLUME [VOLUME...]",
        Summary = "Display detailed information on one or more volumes",
        Aliases = ["volume inspect"],
        Arity = Arity.AtLeast(1),
        Flags = static () =>
        [
            new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates", 'f'),
        ],
        Run = static invocation => Run(invocation, "volume"),
    };

    /// <summary>The kinds of object that a name without a type may be, in Docker's order, with their path.</summary>
    private static readonly (string Type, string Path)[] Others =
        [("network", "/networks/"), ("volume", "/volumes/")];

    private static int Run(Invocation invocation, string type)
    {
        if (type is not ("" or "container" or "image" or "network" or "volume"))
            throw new FlagException($"unknown type: {GoText.Quote(type)}: must be one of \"container\", \"image\", \"network\", \"volume\"");
        return Print(invocation, invocation.Arguments, name => Find(invocation, type, name));
    }

    /// <summary>Prints what is found of each name as <c>--format</c> says, and then what went wrong.</summary>
    internal static int Print(Invocation invocation, IReadOnlyList<string> names, Func<string, byte[]> find)
    {
        var format = invocation.Flags.Text("format");
        var template = format is "" or "json" ? null : ParsedFormat.Parse(format);
        var found = new List<byte[]>();
        var errors = new List<string>();
        foreach (var name in names)
        {
            try
            {
                var json = find(name);
                if (template is null)
                    found.Add(json);
                else
                    invocation.Out.WriteLine(Format(template, json));
            }
            catch (GantryException e) when (e.Kind != ErrorKind.Unavailable)
            {
                errors.Add(e.Message);
            }
            catch (TemplateException e)
            {
                invocation.Out.WriteLine();
                errors.Add($"template parsing error: {e.Message}");
                break;
            }
        }
        if (template is null)
            invocation.Out.WriteLine(format == "json" ? Array(found, JsonText.Compact, "[", ",", "]") : found.Count == 0 ? "[]" : Array(found, static j => JsonText.Indent(j, "    ", "    "), "[\n    ", ",\n    ", "\n]"));
        invocation.Out.Flush();
        foreach (var error in errors)
            invocation.Error.WriteLine(error);
        return errors.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static string Array(List<byte[]> found, Func<byte[], string> text, string open, string comma, string close) =>
        open + string.Join(comma, found.Select(text)) + close;

    private static string Format(Template template, byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return template.Execute(new JsonFields(document.RootElement, isMap: false));
    }

    private static byte[] Find(Invocation invocation, string type, string name)
    {
        var size = invocation.Flags.Bool("size");
        var client = invocation.Client;
        if (type == "container")
            return client.Containers.Inspect(name, size);
        if (type == "image")
            return client.Images.Inspect(name, invocation.Flags.Text("platform") is { Length: > 0 } platform ? platform : null);
        if (type.Length > 0)
            return client.Transport.GetBytes(Others.First(o => o.Type == type).Path + Uri.EscapeDataString(name));
        return Try(() => client.Containers.Inspect(name, size))
            ?? Try(() => client.Images.Inspect(name))
            ?? Others.Select(o => Try(() => client.Transport.GetBytes(o.Path + Uri.EscapeDataString(name)))).FirstOrDefault(static j => j is not null)
            ?? throw GantryException.Of(ErrorKind.NotFound, $"Error: No such object: {name}");
    }

    private static byte[]? Try(Func<byte[]> find)
    {
        try
        {
            return find();
        }
        catch (GantryException e) when (e.Kind is ErrorKind.NotFound or ErrorKind.Invalid or ErrorKind.NotSupported)
        {
            return null;
        }
    }
}
