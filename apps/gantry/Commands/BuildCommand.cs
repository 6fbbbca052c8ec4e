using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Cli.Builds;
using Gantry.Cli.Config;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry build</c>.</summary>
internal static class BuildCommand
{
    // More is worth a word: it is sent and compared for each build.
    private const long LargeContext = 500_000_000;

    public static readonly CommandSpec Spec = new()
    {
        Name = "build",
        Usage = "[OPTIONS] PATH | URL | -",
        Summary = "Build an image from a Dockerfile",
        Aliases = ["image build", "build", "builder build"],
        Arity = Arity.Between(1, 2),
        Names = Names.Files,
        Flags = BuildFlags.All,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        if (invocation.Arguments[0] == "logs" && !Directory.Exists("logs"))
            return BuildLogsCommand.Run(invocation with { Arguments = [.. invocation.Arguments.Skip(1)] });
        if (invocation.Arguments.Count > 1)
            throw new FlagException($"gantry: '{invocation.Path}' requires 1 argument: what is built, as in: gantry build -t NAME .");
        var flags = invocation.Flags;
        BuildFlags.Check(flags);
        var question = BuildQuestion.Read(flags);
        var outputs = OutputSpecs.Read(flags.List("output"), flags.Bool("load"), flags.Bool("push"), flags.List("annotation"));
        var caches = CacheSpecs.Read(flags.List("cache-from"), flags.List("cache-to"), outputs.Count);
        var secrets = SecretSpecs.Read(flags.List("secret"), Environment.GetEnvironmentVariable);
        using var agents = AgentSpecs.Read(flags.List("ssh"), Environment.GetEnvironmentVariable);
        var (contexts, named) = ContextSpecs.Read(flags.List("build-context"));
        var input = caches.AddTo(InputReader.Read(invocation.Arguments[0], flags.Text("file"), named, static () => DescriptorStream.Standard(0)));
        if (flags.Bool("context-report"))
            return ReportContext(invocation, input);
        var request = BuildFlags.Read(flags, outputs, caches, contexts, Environment.GetEnvironmentVariable) with
        {
            Remote = input.Remote,
            Dockerfile = input.DockerfileName,
            Project = ProjectOf(invocation.Arguments[0], flags),
            Agents = agents.Names,
            Call = question?.Name ?? "",
        };
        ProxySettings.AddTo(request.Arguments, invocation.Context.Config, invocation.Context.Location.Address.Text);
        var quiet = flags.Bool("quiet") || flags.Text("progress") == "quiet";
        using var receiver = new OutputReceiver([.. outputs, .. caches.Received]);
        using var display = Display(invocation, quiet);
        var picture = new BuildPicture(display) { File = receiver.Take };
        using var files = new ContextFiles(input.Directories, TimeProvider.System);
        var logins = BuildLogins.Header(invocation.Context.Config);
        var events = input.Archive is { } archive
            ? invocation.Client.Builds.Build(request, archive.CopyTo, secrets, logins)
            : invocation.Client.Builds.Build(request, files, secrets, logins);
        foreach (var happening in events)
        {
            if (happening.TryGetProperty("connect", out var connect))
                BuildConnections.Open(invocation, connect, agents, display);
            else
                picture.Take(happening);
            if (flags.Text("progress") == "rawjson")
                invocation.Error.WriteLine(happening.GetRawText());
        }

        display.End(picture.Steps);
        if (question is not null && picture.Answer is { } answer)
        {
            BuildReport.ShowWarnings(invocation.Error, picture.Warnings, input.Dockerfile, input.DockerfileName);
            return answer.Show(question, ShownName(invocation), invocation.Out, invocation.Error);
        }

        if (!quiet)
            WarnOfSize(invocation.Error, input, files.SentBytes);
        if (flags.Bool("why"))
            BuildReport.ShowReasons(invocation.Error, picture.Steps);
        return Finish(invocation, picture, input, quiet);
    }

    /// <summary>What the person called the Dockerfile.</summary>
    private static string ShownName(Invocation invocation) => invocation.Flags.Text("file") switch
    {
        "" when invocation.Arguments[0] == "-" || InputReader.IsUrl(invocation.Arguments[0]) => "Dockerfile",
        "" => Path.Combine(invocation.Arguments[0] == "." ? "" : invocation.Arguments[0], "Dockerfile"),
        "-" => "stdin",
        var given => given,
    };

    private static int Finish(Invocation invocation, BuildPicture picture, BuildInput input, bool quiet)
    {
        var (flags, error) = (invocation.Flags, invocation.Error);
        if (!quiet)
            BuildReport.ShowWarnings(error, picture.Warnings, input.Dockerfile, input.DockerfileName);
        if (picture.Result is not { } result)
        {
            BuildReport.ShowFailure(error, picture.Failure ?? new("the engine broke off: see its log for why", 0, 0, 0), picture.Steps, input.Dockerfile, input.DockerfileName);
            return ExitCodes.Failure;
        }

        if (flags.Text("iidfile") is { Length: > 0 } idFile)
            Write(idFile, Encoding.UTF8.GetBytes(result.Id));
        if (flags.Text("metadata-file") is { Length: > 0 } metadataFile)
            Write(metadataFile, Metadata(result));
        if (quiet && result.Id.Length > 0)
            invocation.Out.WriteLine(result.Id);
        return ExitCodes.Success;
    }

    private static int ReportContext(Invocation invocation, BuildInput input)
    {
        var local = input.Directories.Where(static directory => directory.Path is not null).ToList();
        if (local.Count == 0)
            throw new FlagException("--context-report looks through a directory of this machine: name it, as in: gantry build --context-report .");
        foreach (var directory in local)
            ContextReport.Of(directory).Show(invocation.Out);
        return ExitCodes.Success;
    }

    private static void WarnOfSize(TextOutput output, BuildInput input, long sent)
    {
        if (sent < LargeContext)
            return;
        var tops = input.Directories.SelectMany(static directory => ContextReport.Of(directory).Tops).OrderByDescending(static top => top.Bytes).Take(3);
        output.WriteLine($"WARNING: {Units.Size(sent)} of context were sent ({string.Join(", ", tops.Select(static top => $"{top.Path} {Units.Size(top.Bytes)}"))}): leave out by .dockerignore what the build does not need; --context-report says more");
    }

    // What is built of the same place by the same file is the same project; a digest, for a path is nobody else's matter. Standard input is no place.
    private static string ProjectOf(string context, FlagValues flags)
    {
        if (context == "-")
            return "";
        var place = string.Join('\0', Environment.MachineName, Directory.Exists(context) ? Path.GetFullPath(context).TrimEnd('/') : context, flags.Text("file"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)))[..32];
    }

    private static IBuildDisplay Display(Invocation invocation, bool quiet)
    {
        var mode = invocation.Flags.Text("progress");
        if (quiet || mode is "rawjson" or "none")
            return new NoDisplay();
        if (mode == "auto")
            mode = Environment.GetEnvironmentVariable("BUILDKIT_PROGRESS") is { Length: > 0 } usual ? usual : Terminals.IsTerminal(2) ? "tty" : "plain";
        return mode == "tty" ? new LiveDisplay(invocation.Error, TimeProvider.System, static () => LiveDisplay.SizeOf(2)) : new PlainDisplay(invocation.Error, TimeProvider.System);
    }

    /// <summary>What buildx writes of a build.</summary>
    private static byte[] Metadata(BuildResult result)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (result.Image.Length > 0)
            values["containerimage.config.digest"] = result.Image;
        if (result.Manifest.Length > 0)
            values["containerimage.digest"] = result.Manifest;
        if (result.Names.Count > 0)
            values["image.name"] = string.Join(',', result.Names);
        foreach (var (name, value) in result.Metadata)
            values[name] = value;
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in values)
                WriteValue(json, name, value);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    // An object comes as JSON in base 64.
    private static void WriteValue(Utf8JsonWriter json, string name, string value)
    {
        var decoded = new byte[value.Length];
        if (Convert.TryFromBase64String(value, decoded, out var length) && length > 0 && decoded[0] == (byte)'{')
        {
            json.WritePropertyName(name);
            json.WriteRawValue(decoded.AsSpan(0, length));
        }
        else
        {
            json.WriteString(name, value);
        }
    }

    private static void Write(string path, byte[] content)
    {
        try
        {
            File.WriteAllBytes(path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"the image is built, but {path} cannot be written: {e.Message}", cause: e);
        }
    }
}
