using System.Globalization;
using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>RUN.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, dispatchRun.</remarks>
internal sealed class RunCompiler(StageState stage, StageCommand command, StageWords words, CompileContext context)
{
    private const string ScriptDirectory = "/dev/pipes/";

    private readonly StepInputs _inputs = new();

    /// <exception cref="GantryException">Invalid: a mount cannot be. Forbidden: the build may not do what the instruction asks for.</exception>
    public void Compile(RunInstruction run)
    {
        // A program may read any file.
        stage.Context?.AddAll();
        CheckAllowed(run);
        var root = stage.Tree is { } tree ? _inputs.Add(tree) : (int?)null;
        List<StepMount> mounts = [];
        var line = Line(run, mounts, out var summary);
        var arguments = stage.Image.WithShell(line);
        var compiler = new MountCompiler(stage, command.Sources, words, context, _inputs);
        mounts.AddRange(compiler.Compile(run));
        var hidden = compiler.SecretVariables;
        var shown = StepNames.Show(run.Source + summary, new(context.Expander.Escape) { KeepsQuotes = true, KeepsUnset = true }, name => hidden.Contains(name) ? "****" : stage.Variables.Find(name));
        stage.Tree = new ExecStep(StepNames.Next(stage, shown, command.IsTrigger, context), _inputs.All, root, arguments, mounts)
        {
            Lines = run.Lines,
            IgnoreCache = stage.IgnoresCache,
            Environment = stage.Variables.ToEnvironment(),
            UnkeyedEnvironment = Proxies.Environment(context.Build.Arguments),
            WorkingDirectory = stage.Directory,
            Platform = BuildPlatform.Text(stage.Platform ?? context.TargetPlatform),
            User = stage.User,
            Network = Network(run),
            Insecure = run.Insecure,
            Devices = run.Devices,
            ExtraHosts = context.Build.ExtraHosts,
        };
        stage.Image.Commit($"RUN {Declared()}{string.Join(' ', arguments)} # buildkit", hasLayer: true, context.Epoch);
    }

    private StepNetwork Network(RunInstruction run) => run.Network == StepNetwork.Default ? context.Build.Network : run.Network;

    // Source: moby/buildkit util/entitlements.
    private void CheckAllowed(RunInstruction run)
    {
        if (Network(run) == StepNetwork.Host)
            Require("network.host", "it may use the host's network");
        if (run.Insecure)
            Require("security.insecure", "it may run without confinement");
        foreach (var device in run.Devices)
        {
            // Source: BuildKit's entitlement "device", for all of them or for one by name.
            if (!context.Build.Entitlements.Contains("device=" + device.Name))
                Require("device", "it may use the host's devices");
        }
    }

    private void Require(string entitlement, string meaning)
    {
        if (!context.Build.Entitlements.Contains(entitlement))
            throw GantryException.Of(ErrorKind.Forbidden, $"{entitlement} is not allowed: say that {meaning}, as in \"--allow {entitlement}\"");
    }

    // With what the here-documents hold.
    private CommandLine Line(RunInstruction run, List<StepMount> mounts, out string summary)
    {
        summary = string.Empty;
        if (run.Heredocs.Count == 0)
            return run.Command;
        var text = run.Command.Arguments[0];
        if (HeredocReader.TryFind(text) is null)
        {
            // The shell reads here-documents itself.
            var whole = new StringBuilder(text);
            foreach (var heredoc in run.Heredocs)
                whole.Append('\n').Append(heredoc.Original).Append(heredoc.Name);
            return run.Command with { Arguments = [whole.ToString()] };
        }
        var document = run.Heredocs[0];
        summary = $" ({Summarize(document.Original)})";
        if (!document.Content.StartsWith("#!", StringComparison.Ordinal))
            return run.Command with { Arguments = [document.Content] };
        // A script names the program that reads it.
        var script = new FileStep(
            "[internal] preparing inline document",
            [],
            null,
            [new MakeFileAction { Path = "/" + document.Name, Content = Encoding.UTF8.GetBytes(document.Content), Mode = 0x1ED }])
        { Lines = run.Lines };
        mounts.Add(new() { Kind = StepMountKind.Bind, Target = ScriptDirectory.TrimEnd('/'), From = _inputs.Add(script), ReadOnly = true });
        return run.Command with { Arguments = [ScriptDirectory + document.Name] };
    }

    private static string Summarize(string document)
    {
        var lines = document.Trim().Split('\n');
        return lines[0].TrimEnd('\r') + (lines.Length > 1 ? "..." : string.Empty);
    }

    // What ARG declared, in front of the command: "|1 A=b ".
    private string Declared()
    {
        List<string> names = [];
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var argument in stage.Arguments)
        {
            if (values.TryAdd(argument.Name, string.Empty))
                names.Add(argument.Name);
            values[argument.Name] = stage.Variables.Find(argument.Name) ?? argument.Value ?? string.Empty;
        }
        return names.Count == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"|{names.Count} {string.Join(' ', names.Select(name => $"{name}={values[name]}"))} ");
    }
}
