using System.Text.RegularExpressions;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Explain;

/// <summary>Why a start failed: read from the reason that the state keeps.</summary>
internal static partial class StartRules
{
    private static readonly string[] s_builtins = ["cd", "export", "source", ".", "alias", "set", "unset", "ulimit", "umask", "exec", "eval", "if", "for", "while"];

    private static readonly string[] s_shells = ["/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash"];

    /// <summary>What the error says, the first that fits; each with what a command line can do about it.</summary>
    private static readonly (Regex Error, Func<ContainerFacts, Match, ContainerFinding> Find)[] s_rules =
    [
        (NotInPath(), NotFound),
        (CarriageReturn(), (_, m) => Finding.Of("crlf", $"{m.Groups["path"]} was saved with Windows line endings: the kernel looks for an interpreter whose name ends in a carriage return.", $"Save it with Unix line endings (dos2unix, or sed -i 's/\\r$//') and build the image again; \"* text eol=lf\" in .gitattributes keeps Git from changing them back.")),
        (Interpreter(), (_, m) => Finding.Of("no-interpreter", $"{m.Groups["path"]} is a script for {m.Groups["interpreter"]}, which is not in the image.", $"Install {Last(m.Groups["interpreter"].Value)} in the image, or correct the script's first line.")),
        (Loader(), (_, m) => Finding.Of("no-loader", $"{m.Groups["path"]} was built for another C library: its loader {m.Groups["loader"]} is not in the image.", m.Groups["loader"].Value.Contains("musl", StringComparison.Ordinal) ? "Use an Alpine base image, or build the program for glibc." : "Use a Debian or Ubuntu base image rather than Alpine or scratch, or link the program statically.")),
        (OtherMachine(), (f, m) => Finding.Of("architecture", $"{m.Groups["path"]} was built for {m.Groups["there"]}, and this machine is {m.Groups["here"]}.", $"Use an image for this machine: gantry pull --platform linux/{m.Groups["here"]} {f.Image}. Or install qemu-user-static, which emulates the other one.")),
        (IsDirectory(), (f, m) => Finding.Of("is-directory", $"\"{m.Groups["name"]}\" is a directory, not a program.", $"Name a program: gantry run {f.Image} COMMAND.")),
        (NotMarked(), (_, m) => Finding.Of("not-executable", $"{m.Groups["path"]} is not marked executable.", $"Write \"RUN chmod +x {m.Groups["path"]}\" or \"COPY --chmod=755\" in the Dockerfile; of a file that is mounted from the host: chmod +x it there.")),
        (NotAllowed(), (_, m) => Finding.Of("not-allowed", $"User {m.Groups["user"]} may not execute {m.Groups["path"]}.", "Let others read and enter the directories above it (chmod o+rx), name another user with --user, or take noexec off the mount that it is on.")),
        (EmptyFile(), (_, m) => Finding.Of("empty-program", $"{m.Groups["path"]} is an empty file.", "Look at what the COPY or the download that made it brought.")),
        (Windows(), (_, m) => Finding.Of("windows-program", $"{m.Groups["path"]} is a program for Windows.", "Build it for linux, as with GOOS=linux or dotnet publish --os linux.")),
        (MacOs(), (_, m) => Finding.Of("macos-program", $"{m.Groups["path"]} is a program for macOS.", "Build it for linux, as with GOOS=linux, inside the image rather than on the Mac.")),
        (ByteOrderMark(), (_, m) => Finding.Of("byte-order-mark", $"{m.Groups["path"]} begins with a byte order mark, which hides its #! from the kernel.", "Save it as UTF-8 without one.")),
        (NoShebang(), (_, m) => Finding.Of("no-shebang", $"{m.Groups["path"]} is a script whose first line names no interpreter.", "Begin it with #!/bin/sh, or run it as sh SCRIPT.")),
        (Damaged(), (_, m) => Finding.Of("damaged-program", $"{m.Groups["path"]} is damaged, or no program.", "Look at how it came into the image: a download that was cut off, or a Git LFS pointer.")),
        (NoSuchProgram(), NoSuchFile),
        (NoUser(), (_, m) => Finding.Of("no-user", $"The image has no user named {m.Groups["name"]}.", $"Add it in the Dockerfile (RUN useradd {m.Groups["name"]}), or name one by number: --user 1000.")),
        (NoGroup(), (_, m) => Finding.Of("no-group", $"The image has no group named {m.Groups["name"]}.", $"Add it in the Dockerfile (RUN groupadd {m.Groups["name"]}), or name one by number.")),
        (PortTaken(), (f, m) => Finding.Of("port-taken", $"Port {m.Groups["port"]} of the host is in use already{(m.Groups["holder"].Success ? $": {m.Groups["holder"].Value}" : "")}.", $"Stop what holds it, or publish another: -p {Free(m.Groups["port"].Value)}:{ContainerPort(f, m.Groups["port"].Value)}.")),
        (NoAddress(), (_, _) => Finding.Of("no-such-address", "The host address of a published port is none of this host's.", "Leave the address out (-p 8080:80), or name one that \"ip addr\" shows.")),
        (NoDirectory(), (f, _) => Finding.Of("working-directory", $"The working directory {f.Record.Config.WorkingDir} cannot be entered.", "Name a directory with -w, or one that the user may enter.")),
        (FileOnDirectory(), (_, _) => Finding.Of("file-on-directory", "A file is mounted on a directory, or a directory on a file.", "Mount a file on a file and a directory on a directory. A source that did not exist was made as a directory by -v: remove that one, and make the file.")),
        (NotRunning(), (_, m) => Finding.Of("peer-not-running", $"It shares a namespace with container {m.Groups["name"]}, which does not run.", $"Start that one first: gantry start {m.Groups["name"]}.")),
        (DiskFull(), (_, _) => Finding.Of("disk-full", "The host's disk is full.", "Free some: gantry system df shows what Gantry holds, gantry system prune frees what nothing uses.")),
    ];

    public static ContainerFinding? StartFailed(ContainerFacts facts)
    {
        var error = facts.Run.Error;
        if (error.Length == 0)
            return null;
        foreach (var (pattern, find) in s_rules)
        {
            if (pattern.Match(error) is { Success: true } match)
                return find(facts, match);
        }

        return Finding.Of("not-started", $"It could not be started: {error}.", "Mend what the message names, and start it again.");
    }

    private static ContainerFinding NotFound(ContainerFacts facts, Match match)
    {
        var name = match.Groups["name"].Value;
        if (match.Groups["unset"].Success)
            return Finding.Of("no-path", $"\"{name}\" is not a path, and the container has no PATH to look it up in.", $"Give the program's full path, or set PATH with -e.");
        if (name.Contains(' ', StringComparison.Ordinal))
            return Finding.Of("quoted-command", $"The whole line \"{name}\" was taken for the name of one program.", $"Give each word for itself: CMD [{string.Join(", ", name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => $"\"{w}\""))}] in the Dockerfile, or {name} without quotes after the image's name.");
        if (name.StartsWith('-'))
            return Finding.Of("option-after-image", $"\"{name}\" stands after the image's name, so it was taken for the program to run.", $"Put options before the image: gantry run {name} … {facts.Image}.");
        if (name.Contains('=', StringComparison.Ordinal))
            return Finding.Of("variable-as-command", $"\"{name}\" sets a variable, which only a shell can do.", $"Write -e {name} before the image's name.");
        if (s_builtins.Contains(name))
            return Finding.Of("shell-builtin", $"\"{name}\" is a word of the shell, not a program.", $"Run it in a shell: sh -c '{string.Join(' ', facts.Words)}'.");
        if (facts.Files is not { } files)
            return Finding.Of("not-in-path", $"There is no program \"{name}\" in the container's PATH.", $"Install it in the image, or correct the name.");
        if (name is "bash" && files.Exists("/bin/sh"))
            return Finding.Of("no-bash", "The image has no bash.", "Use sh, or install bash in the image.");
        if (name is "sh" or "bash" && !s_shells.Any(files.Exists))
            return Finding.Of("no-shell", "The image has no shell: it was made FROM scratch, or is a distroless one.", $"Run its own program, or look into it from outside: gantry cp, gantry export.");
        var directory = string.IsNullOrEmpty(facts.Record.Config.WorkingDir) ? "/" : facts.Record.Config.WorkingDir;
        if (files.Exists($"{directory.TrimEnd('/')}/{name}"))
            return Finding.Of("needs-dot-slash", $"\"{name}\" is in the working directory {directory}, which is not searched.", $"Write ./{name}.");
        var known = PathOf(facts).SelectMany(files.List).Distinct();
        return Nearest.Find(name, known) is { } near
            ? Finding.Of("mistyped-program", $"There is no program \"{name}\" in the container's PATH.", $"Did you mean {near}?")
            : Finding.Of("not-in-path", $"There is no program \"{name}\" in the container's PATH.", "Install it in the image, or give its full path.");
    }

    private static ContainerFinding NoSuchFile(ContainerFacts facts, Match match)
    {
        var path = match.Groups["path"].Value;
        if (facts.Record.Mounts.FirstOrDefault(m => path.StartsWith(m.Destination.TrimEnd('/') + "/", StringComparison.Ordinal)) is { } mount)
            return Finding.Of("hidden-by-mount", $"{path} is not there: what is mounted on {mount.Destination} hides what the image has in that place.", $"Mount it elsewhere, or put the program into {(mount.Source.Length > 0 ? mount.Source : "what is mounted")}.");
        var slash = path.LastIndexOf('/');
        var near = slash >= 0 && facts.Files is { } files ? Nearest.Find(path[(slash + 1)..], files.List(slash == 0 ? "/" : path[..slash])) : null;
        return Finding.Of("no-such-program", $"{path} is not in the image.", near is null ? "Look at the COPY or RUN that should bring it, and at WORKDIR." : $"Did you mean {path[..(slash + 1)]}{near}?");
    }

    private static string[] PathOf(ContainerFacts facts) =>
        (facts.Record.Config.Env?.LastOrDefault(e => e.StartsWith("PATH=", StringComparison.Ordinal))?[5..] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string Free(string port) => int.TryParse(port, out var number) && number < 65535 ? $"{number + 1}" : "8080";

    private static string ContainerPort(ContainerFacts facts, string hostPort) =>
        facts.Record.HostConfig.PortBindings?.FirstOrDefault(b => b.Value?.Any(x => x.HostPort == hostPort) == true).Key?.Split('/')[0] ?? "80";

    [GeneratedRegex("""exec: "(?<name>.*)": executable file not found in \$PATH(?<unset>: PATH is not set)?""", RegexOptions.Singleline)]
    private static partial Regex NotInPath();

    [GeneratedRegex("the #! line of (?<path>.+) ends in a carriage return")]
    private static partial Regex CarriageReturn();

    [GeneratedRegex("""the interpreter "(?<interpreter>.*)" in the #! line of (?<path>.+) is not in the container""")]
    private static partial Regex Interpreter();

    [GeneratedRegex("""no such file or directory: (?<path>.+) needs the loader "(?<loader>.*)", which""")]
    private static partial Regex Loader();

    [GeneratedRegex("exec format error: (?<path>.+) is for (?<there>.+), and this machine is (?<here>[a-z0-9]+)")]
    private static partial Regex OtherMachine();

    [GeneratedRegex("""exec: "(?<name>.*)": is a directory""")]
    private static partial Regex IsDirectory();

    [GeneratedRegex("permission denied: (?<path>.+) is not marked executable")]
    private static partial Regex NotMarked();

    [GeneratedRegex("permission denied: (?<path>.+) or a directory above it cannot be executed by user (?<user>[0-9]+)")]
    private static partial Regex NotAllowed();

    [GeneratedRegex("exec format error: (?<path>.+) is empty")]
    private static partial Regex EmptyFile();

    [GeneratedRegex("exec format error: (?<path>.+) is a Windows program")]
    private static partial Regex Windows();

    [GeneratedRegex("exec format error: (?<path>.+) is a macOS program")]
    private static partial Regex MacOs();

    [GeneratedRegex("exec format error: (?<path>.+) begins with a byte order mark")]
    private static partial Regex ByteOrderMark();

    [GeneratedRegex("exec format error: (?:(?<path>.+) is neither a program nor a script|the #! line of (?<path>.+) names no interpreter)")]
    private static partial Regex NoShebang();

    [GeneratedRegex("exec format error: (?<path>.+) is damaged")]
    private static partial Regex Damaged();

    [GeneratedRegex("""stat (?<path>\S+): no such file or directory""")]
    private static partial Regex NoSuchProgram();

    [GeneratedRegex("unable to find user (?<name>.+): no matching entries")]
    private static partial Regex NoUser();

    [GeneratedRegex("unable to find group (?<name>.+): no matching entries")]
    private static partial Regex NoGroup();

    [GeneratedRegex(@":(?<port>[0-9]+) failed: port is already allocated(?:: (?<holder>[^;]+))?|:(?<port>[0-9]+).*address already in use(?:: (?<holder>[^;]+))?")]
    private static partial Regex PortTaken();

    [GeneratedRegex("cannot assign requested address")]
    private static partial Regex NoAddress();

    [GeneratedRegex("not both directories or both files|not a directory|is a directory")]
    private static partial Regex FileOnDirectory();

    [GeneratedRegex("working directory|chdir|[Cc]wd", RegexOptions.IgnoreCase)]
    private static partial Regex NoDirectory();

    [GeneratedRegex(@"non running container:? (?<name>[A-Za-z0-9_.-]+)|container (?<name>[A-Za-z0-9_.-]+) is not running")]
    private static partial Regex NotRunning();

    [GeneratedRegex("no space left on device", RegexOptions.IgnoreCase)]
    private static partial Regex DiskFull();
}
