using System.Globalization;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Build;

/// <summary><c>RUN --mount</c>.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, convert_runmount.go, convert_secrets.go, convert_ssh.go.</remarks>
internal sealed class MountCompiler(StageState stage, IReadOnlyList<StageState?> sources, StageWords words, CompileContext context, StepInputs inputs)
{
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);
    private int _agents;

    /// <summary>The variables that secrets are put into.</summary>
    public IReadOnlySet<string> SecretVariables => _secrets;

    /// <exception cref="GantryException">Invalid: a mount cannot be.</exception>
    public IReadOnlyList<StepMount> Compile(RunInstruction run) => [.. run.Mounts.Select((mount, place) => Compile(MountFlagParser.Parse(mount.Text, words.Expand), sources[place]))];

    private StepMount Compile(MountFlag mount, StageState? source) => mount.Kind switch
    {
        StepMountKind.Secret => Secret(mount),
        StepMountKind.Ssh => Agent(mount),
        _ => Files(mount, source),
    };

    private StepMount Files(MountFlag mount, StageState? source)
    {
        var target = GoPath.Clean(mount.Target ?? string.Empty) is ['/', ..] absolute ? absolute : GoPath.Join("/", stage.Directory, mount.Target ?? string.Empty);
        if (source is { IsDone: false })
            throw Invalid($"cannot mount from stage {GoText.Quote(mount.From ?? string.Empty)} to {GoText.Quote(target)}, stage needs to be defined before current command");
        if (target == "/")
            throw Invalid($"invalid mount target {GoText.Quote(target)}");
        var path = GoPath.Join("/", mount.Source ?? string.Empty);
        var compiled = new StepMount { Kind = mount.Kind, Target = target, Source = path, ReadOnly = mount.ReadOnly };
        return mount.Kind switch
        {
            StepMountKind.Tmpfs => compiled with { Source = "/", SizeBytes = mount.SizeBytes },
            StepMountKind.Cache => compiled with
            {
                From = source is null ? null : TreeOf(source, path),
                Id = $"{context.FindArgument("BUILDKIT_CACHE_MOUNT_NS")}/{mount.Id ?? GoPath.Clean(mount.Target ?? string.Empty)}",
                Sharing = mount.Sharing,
                Mode = mount.Mode,
                Uid = mount.Uid ?? 0,
                Gid = mount.Gid ?? 0,
            },
            _ => compiled with { From = source is null ? BuildContext.Input(context, path, inputs) : TreeOf(source, path) },
        };
    }

    private int? TreeOf(StageState source, string path)
    {
        source.Context?.Add(path);
        return source.Tree is { } tree ? inputs.Add(tree) : null;
    }

    private StepMount Secret(MountFlag mount)
    {
        var id = mount.Source ?? mount.Id ?? GoPath.NameOf(mount.Target ?? throw Invalid("one of source, target required"));
        var variable = mount.Variable is { Length: 0 } ? id : mount.Variable;
        if (variable is not null)
            _secrets.Add(variable);
        return new()
        {
            Kind = StepMountKind.Secret,
            Target = mount.Target ?? (variable is null ? "/run/secrets/" + GoPath.NameOf(id) : null),
            Id = id,
            Variable = variable,
            Required = mount.Required,
            ReadOnly = true,
            Mode = mount.Mode,
            Uid = mount.Uid ?? 0,
            Gid = mount.Gid ?? 0,
        };
    }

    private StepMount Agent(MountFlag mount)
    {
        if (mount.Source is not null)
            throw Invalid("ssh does not support source");
        var number = _agents++;
        return new()
        {
            Kind = StepMountKind.Ssh,
            Target = mount.Target ?? string.Create(CultureInfo.InvariantCulture, $"/run/buildkit/ssh_agent.{number}"),
            Id = mount.Id ?? "default",
            Required = mount.Required,
            Mode = mount.Mode,
            Uid = mount.Uid ?? 0,
            Gid = mount.Gid ?? 0,
        };
    }

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}
