using System.Globalization;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Build;

/// <summary>The instructions that change what an image says of itself, and none of its files.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, dispatchEnv and those that follow it.</remarks>
internal sealed class MetadataCompiler(StageState stage, StageWords words, CompileContext context)
{
    /// <exception cref="GantryException">Invalid: the instruction says what cannot be.</exception>
    public void Compile(Instruction instruction)
    {
        switch (instruction)
        {
            case ArgInstruction arg:
                Arg(arg);
                break;
            case EnvInstruction env:
                Env(env);
                break;
            case LabelInstruction label:
                Label(label);
                break;
            case MaintainerInstruction maintainer:
                stage.Image.Author = maintainer.Maintainer;
                Commit("MAINTAINER " + maintainer.Maintainer);
                break;
            case CmdInstruction cmd:
                Cmd(cmd);
                break;
            case EntrypointInstruction entrypoint:
                Entrypoint(entrypoint);
                break;
            case HealthcheckInstruction healthcheck:
                Healthcheck(healthcheck);
                break;
            case ExposeInstruction expose:
                Expose(expose);
                break;
            case VolumeInstruction volume:
                Volume(volume);
                break;
            case UserInstruction user:
                stage.User = stage.Image.User = words.Expand(user.User);
                Commit("USER " + stage.User);
                break;
            case StopsignalInstruction stopsignal:
                StopSignal(stopsignal);
                break;
            case ShellInstruction shell:
                stage.Image.Shell = shell.Shell;
                Commit($"SHELL {Listed(shell.Shell)}");
                break;
            case OnbuildInstruction onbuild:
                stage.Image.Triggers.Add(onbuild.Trigger);
                break;
            default:
                throw new InvalidOperationException($"{instruction.GetType().Name} is not known");
        }
    }

    private void Arg(ArgInstruction arg)
    {
        List<string> said = [];
        foreach (var argument in arg.Arguments)
        {
            CheckSecret("ARG", argument.Name, arg);
            var value = context.FindArgument(argument.Name)
                ?? (argument.Value is { } written ? words.Expand(written) : context.Globals.Find(argument.Name));
            if (value is not null && !GlobalArguments.IsHidden(argument.Name))
                stage.Variables.Set(argument.Name, value);
            stage.Arguments.Add(argument with { Value = value });
            said.Add(value is null ? argument.Name : $"{argument.Name}={value}");
        }
        Commit("ARG " + string.Join(' ', said));
    }

    // All values see what there was before the instruction.
    private void Env(EnvInstruction env)
    {
        var said = "ENV";
        foreach (var (name, value, written) in Expanded(env.Variables))
        {
            CheckLegacy(written, env);
            CheckSecret("ENV", name, env);
            said += $" {name}={value}";
            stage.Variables.Set(name, value);
            stage.Image.SetVariable(name, value);
        }
        Commit(said);
    }

    private void Label(LabelInstruction label)
    {
        var said = "LABEL";
        foreach (var (name, value, written) in Expanded(label.Labels))
        {
            CheckLegacy(written, label);
            said += $" {name}={value}";
            stage.Image.Labels[name] = value;
        }
        Commit(said);
    }

    private void Cmd(CmdInstruction cmd)
    {
        CheckOnlyOne(stage.Cmd, cmd);
        stage.Cmd = cmd;
        CheckJson(cmd.Command, cmd);
        stage.Image.Command = stage.Image.WithShell(cmd.Command);
        stage.Image.ArgumentsAreEscaped = true;
        Commit($"CMD {Quoted(stage.Image.Command)}");
    }

    private void Entrypoint(EntrypointInstruction entrypoint)
    {
        CheckOnlyOne(stage.Entrypoint, entrypoint);
        stage.Entrypoint = entrypoint;
        CheckJson(entrypoint.Command, entrypoint);
        stage.Image.Entrypoint = stage.Image.WithShell(entrypoint.Command);
        // The base's arguments were meant for the base's program.
        if (stage.Cmd is null)
            stage.Image.Command = [];
        Commit($"ENTRYPOINT {Quoted(stage.Image.Entrypoint)}");
    }

    private void Healthcheck(HealthcheckInstruction check)
    {
        CheckOnlyOne(stage.Healthcheck, check);
        stage.Healthcheck = check;
        stage.Image.Healthcheck = new HealthConfig
        {
            Test = check.Test,
            Interval = Nanoseconds(check.Interval),
            Timeout = Nanoseconds(check.Timeout),
            StartPeriod = Nanoseconds(check.StartPeriod),
            StartInterval = Nanoseconds(check.StartInterval),
            Retries = check.Retries > 0 ? check.Retries : null,
        };
        Commit(string.Create(
            CultureInfo.InvariantCulture,
            $"HEALTHCHECK {{Test:{Listed(check.Test)} Interval:{GoDuration.Format(check.Interval)} Timeout:{GoDuration.Format(check.Timeout)} StartPeriod:{GoDuration.Format(check.StartPeriod)} StartInterval:{GoDuration.Format(check.StartInterval)} Retries:{check.Retries}}}"));
    }

    private void Expose(ExposeInstruction expose)
    {
        var ports = expose.Ports.SelectMany(words.Split).SelectMany(port => PortList.Parse(port, (rule, message) => context.Report.Add(rule, message, expose))).ToList();
        stage.Image.ExposedPorts.UnionWith(ports);
        Commit($"EXPOSE {Listed(ports)}");
    }

    private void Volume(VolumeInstruction volume)
    {
        var paths = volume.Paths.Select(words.Expand).ToList();
        if (paths.Contains(string.Empty))
            throw GantryException.Of(ErrorKind.Invalid, "VOLUME specified can not be an empty string");
        stage.Image.Volumes.UnionWith(paths);
        Commit($"VOLUME {Listed(paths)}");
    }

    private void StopSignal(StopsignalInstruction stopsignal)
    {
        var signal = words.Expand(stopsignal.Signal);
        // As a number, whatever a kernel may know.
        if (SignalNames.Find(signal) is null && !(int.TryParse(signal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number != 0))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid signal: {signal}");
        stage.Image.StopSignal = signal;
        Commit("STOPSIGNAL " + signal);
    }

    private void Commit(string text) => stage.Image.Commit(text, hasLayer: false, context.Epoch);

    private List<(string Name, string Value, Assignment Written)> Expanded(IReadOnlyList<Assignment> assignments) =>
        [.. assignments.Select(assignment => (words.Expand(assignment.Name), words.Expand(assignment.Value ?? string.Empty), assignment))];

    private void CheckLegacy(Assignment assignment, Instruction instruction)
    {
        if (assignment.IsLegacy)
            context.Report.Add(LintRules.LegacyKeyValueFormat, LintMessages.LegacyKeyValueFormat(instruction.Keyword), instruction);
    }

    private void CheckSecret(string kind, string name, Instruction instruction)
    {
        if (SecretNames.IsOne(name))
            context.Report.Add(LintRules.SecretsUsedInArgOrEnv, LintMessages.SecretsUsedInArgOrEnv(kind, name), instruction);
    }

    private void CheckJson(CommandLine command, Instruction instruction)
    {
        // Whoever chose a shell wants it.
        if (command.IsShell && stage.Image.Shell.Count == 0)
            context.Report.Add(LintRules.JsonArgsRecommended, LintMessages.JsonArgsRecommended(instruction.Keyword), instruction);
    }

    // It is the earlier one that has no effect.
    private void CheckOnlyOne(Instruction? earlier, Instruction instruction)
    {
        if (earlier is not null)
            context.Report.Add(LintRules.MultipleInstructionsDisallowed, LintMessages.MultipleInstructionsDisallowed(instruction.Keyword), earlier.Lines, instruction.Comments);
    }

    private static long? Nanoseconds(TimeSpan length) => length > TimeSpan.Zero ? (long)length.TotalNanoseconds : null;

    private static string Listed(IEnumerable<string> texts) => $"[{string.Join(' ', texts)}]";

    private static string Quoted(IEnumerable<string> texts) => Listed(texts.Select(GoText.Quote));
}
