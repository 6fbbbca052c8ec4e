using System.Text.RegularExpressions;
using Gantry.Model.Api;

namespace Gantry.Engine.Explain;

/// <summary>What the last lines of the log tell, for a container that failed.</summary>
internal static partial class LogRules
{
    private delegate ContainerFinding Maker(ContainerFacts facts, Match line);

    /// <summary>The particular before the general: the first rule that any line fits is the finding.</summary>
    private static readonly (Regex Line, Maker Find)[] s_rules =
    [
        (MissingLibrary(), (_, m) => Finding.Of("missing-library", $"A shared library is missing from the image: {m.Groups["library"]}.", $"Install the package that has it (on Debian: apt-file search {m.Groups["library"]}).")),
        (OldLibrary(), (_, m) => Finding.Of("old-libc", $"The program was built for a newer C library than the image has: {m.Groups["version"]} is missing.", "Build it on the base image that it runs on, or use a newer base image.")),
        (MuslSymbol(), (_, _) => Finding.Of("foreign-libc", "The program was built for glibc, and this image has musl (Alpine).", "Use a Debian base image, build on Alpine, or install gcompat.")),
        (HeapFull(), (f, _) => Finding.Of("heap-full", "The program reached the limit of its own heap, before that of the container.", f.Record.HostConfig.Memory is > 0 and var limit ? $"The container may use {EndRules.Size(limit)}: raise --memory, and the heap with it (node: NODE_OPTIONS=--max-old-space-size, Java: -XX:MaxRAMPercentage)." : "Raise it: NODE_OPTIONS=--max-old-space-size=4096 for node, -Xmx or -XX:MaxRAMPercentage for Java.")),
        (NeedsPassword(), (f, m) => Finding.Of("needs-password", $"The image wants a password for its administrator: {m.Groups["name"]} is not set.", $"gantry run -e {m.Groups["name"]}=… {f.Image}.")),
        (OldData(), (f, _) => Finding.Of("data-of-other-version", "The data directory was made by another version of the database.", $"Use the image of that version, or dump with the old one and load with the new one; the data is in {MountNames(f)}.")),
        (DataOwner(), (f, _) => Finding.Of("data-owner", "The data directory belongs to another user than the one that the server runs as.", $"chown it to that user: it is in {MountNames(f)}.")),
        (CarriageReturn(), (_, _) => Finding.Of("crlf-inside", "A script has Windows line endings: the shell reads a carriage return as part of each command.", "Convert it with dos2unix or sed -i 's/\\r$//', and keep Git from changing it back (\"* text eol=lf\" in .gitattributes).")),
        (WrongShell(), (_, _) => Finding.Of("wrong-shell", "A script uses what only bash knows, and sh runs it.", "Begin it with #!/bin/bash and install bash, or write it for sh.")),
        (WrongMachine(), (_, _) => Finding.Of("architecture-inside", "A program that it started was built for another kind of machine.", "Install the build for this machine; in a Dockerfile, TARGETARCH names it.")),
        (SharedMemoryFull(), (f, _) => Finding.Of("shm-full", $"/dev/shm is full: it has {EndRules.Size(f.Record.HostConfig.ShmSize is > 0 and var size ? size : 64 << 20)}.", "Give it more: --shm-size 256m.")),
        (NoSpace(), NoSpaceLeft),
        (ReadOnly(), ReadOnlyFile),
        (NoNewPrivileges(), (_, _) => Finding.Of("no-new-privileges", "It wants to become another user by a setuid program, which no-new-privileges forbids.", "Start the container as the user that it needs (--user), or leave out --security-opt no-new-privileges.")),
        (OwnerChange(), (f, _) => Finding.Of("chown-refused", "It may not change the owner of files.", DropsCapabilities(f) ? "Give it the capability: --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER." : "The files are on a mount whose owner cannot be changed, or it does not run as root: chown them on the host.")),
        (PortInUse(), (_, _) => Finding.Of("port-in-use-inside", "The port that it listens on is in use already, within the container's own network.", "Two programs in it use one port, or it shares the network of the host or of another container: change the port of one.")),
        (PrivilegedPort(), (f, _) => Finding.Of("privileged-port", "It may not listen on a port below 1024.", DropsCapabilities(f) ? "Give it the capability: --cap-add NET_BIND_SERVICE." : "With the host's network the host's rules hold: have it listen on a port above 1023.")),
        (PermissionDenied(), Denied),
        (LocalConnection(), (_, m) => Finding.Of("localhost", $"It wants to reach {m.Groups["address"]}, which is the container itself: nothing there listens.", "A server in another container is reached by that container's name or address, one on the host as host.docker.internal (--add-host host.docker.internal:host-gateway).")),
        (NoName(), (f, m) => Finding.Of("no-such-host", $"A host name could not be resolved{(m.Groups["name"].Success ? $": {m.Groups["name"].Value}" : "")}.", f.Record.HostConfig.NetworkMode == "none" ? "The container has no network: leave out --network none." : m.Groups["name"].Value == "host.docker.internal" ? "Add it: --add-host host.docker.internal:host-gateway." : "Names of containers are known to those that are linked to them (--link); other names are asked of the DNS servers in /etc/resolv.conf: --dns names others.")),
        (Certificate(), (_, _) => Finding.Of("certificate", "The certificate of a server could not be verified: the image lacks the authority's, or a proxy puts its own in between.", "Install ca-certificates in the image, or mount the authority's certificate and run update-ca-certificates.")),
        (TooManyFiles(), (f, _) => Finding.Of("too-many-files", "It has as many files open as it may.", $"Raise the limit: --ulimit nofile={(f.Record.HostConfig.Ulimits?.FirstOrDefault(u => u.Name == "nofile")?.Soft is > 0 and var soft ? soft * 4 : 65536)}.")),
        (NoProcesses(), (f, _) => Finding.Of("too-many-processes", "It has as many processes as it may.", f.Record.HostConfig.PidsLimit is > 0 and var limit ? $"Raise the limit, which is {limit}: gantry update --pids-limit {limit * 4} {f.Record.Name}." : "Raise the limit: --ulimit nproc=4096, or have it start fewer.")),
        (MissingModule(), (_, m) => Finding.Of("missing-module", $"A module that the program needs is not in the image: {m.Groups["module"]}.", "Install the dependencies in the image (npm install, pip install -r), and look whether a mount on the application's directory hides them.")),
        (EngineSocket(), (_, _) => Finding.Of("engine-socket", "It wants to talk to the engine, whose socket is not in the container, or not for its user.", "Mount it: -v /run/gantry/gantry.sock:/var/run/docker.sock. Who can use it is as mighty as root.")),
        (NoTerminal(), (f, _) => Finding.Of("no-terminal", "It wants a terminal and has none.", $"gantry run -it {f.Image}.")),
        (NotPermitted(), (_, _) => Finding.Of("not-permitted", "It asked the kernel for something that containers may not do.", "Find out which: \"man 7 capabilities\" lists what each capability allows (--cap-add), and the seccomp profile forbids mounts, keyrings and the like.")),
        (CommandMissing(), (_, m) => Finding.Of("command-missing", $"A script called a command that is not in the image: {m.Groups["name"]}.", $"Install {m.Groups["name"]} in the image, or correct its name.")),
        (NoFile(), (f, m) => Finding.Of("no-such-file", $"It looks for a file that is not there: {m.Groups["path"]}.", f.Record.Mounts.Any(x => m.Groups["path"].Value.StartsWith(x.Destination, StringComparison.Ordinal)) ? "It is below a mount: put it into what is mounted there." : "Look at the COPY that should bring it, at .dockerignore, and at WORKDIR.")),
    ];

    public static ContainerFinding? Find(ContainerFacts facts)
    {
        var failed = facts.Run is { OomKilled: false, Error.Length: 0 } run && (run.ExitCode != 0 || run.Restarts > 0) && !run.StoppedByHand && run.FinishedAt is not null;
        if (!failed)
            return null;
        foreach (var (pattern, find) in s_rules)
        {
            // The last one: what came right before the end.
            for (var i = facts.LastLines.Count - 1; i >= 0; i--)
            {
                if (pattern.Match(facts.LastLines[i]) is { Success: true } match)
                    return find(facts, match) with { Evidence = facts.LastLines[i] };
            }
        }

        return null;
    }

    private static ContainerFinding NoSpaceLeft(ContainerFacts facts, Match line)
    {
        if (facts.Record.Mounts.FirstOrDefault(m => m.Kind == Planning.PlanMountKind.Tmpfs && line.Value.Contains(m.Destination, StringComparison.Ordinal)) is { } mount)
            return Finding.Of("tmpfs-full", $"The tmpfs on {mount.Destination} is full.", $"Give it more: --tmpfs {mount.Destination}:size=1g. It counts as the container's memory.");
        var temporary = facts.Record.HostConfig.Tmpfs?.Keys.FirstOrDefault(t => line.Value.Contains(t, StringComparison.Ordinal));
        return temporary is not null
            ? Finding.Of("tmpfs-full", $"The tmpfs on {temporary} is full.", $"Give it more: --tmpfs {temporary}:size=1g. It counts as the container's memory.")
            : Finding.Of("no-space", "There is no space left where it writes.", "gantry system df shows what Gantry holds on the host's disk, gantry system prune frees what nothing uses.");
    }

    private static ContainerFinding ReadOnlyFile(ContainerFacts facts, Match line)
    {
        if (facts.Record.Mounts.FirstOrDefault(m => m.ReadOnly && line.Value.Contains(m.Destination, StringComparison.Ordinal)) is { } mount)
            return Finding.Of("read-only-mount", $"It wants to write to {mount.Destination}, which is mounted read-only.", $"Leave out \":ro\" of that mount, or have it write elsewhere.");
        return facts.Record.HostConfig.ReadonlyRootfs == true
            ? Finding.Of("read-only-root", "It wants to write to the root filesystem, which --read-only forbids.", "Give it a place to write: --tmpfs /tmp, --tmpfs /run, or a volume where its data goes.")
            : Finding.Of("read-only", "It wants to write to something that is read-only in a container, such as /proc/sys or /sys.", "Kernel parameters are set from outside: --sysctl NAME=VALUE.");
    }

    private static ContainerFinding Denied(ContainerFacts facts, Match line)
    {
        var user = facts.Record.Config.User is { Length: > 0 } name ? name : "root";
        if (facts.Record.Mounts.Where(m => m.Kind != Planning.PlanMountKind.Tmpfs).OrderByDescending(m => m.Destination.Length).FirstOrDefault(m => line.Value.Contains(m.Destination, StringComparison.Ordinal)) is { } mount)
            return Finding.Of("mount-not-writable", $"User {user} of the container may not use what is mounted on {mount.Destination}.", mount.VolumeName is { } volume ? $"The volume {volume} belongs to another user: chown it from a container that runs as root, or run as its owner (--user)." : $"{mount.Source} belongs to another user of the host: chown it, or run as its owner: --user $(id -u):$(id -g).");
        return user is "root" or "0"
            ? Finding.Of("permission-denied", "It may not do that, although it is root of the container.", DropsCapabilities(facts) ? "It was started without some capabilities: leave out --cap-drop, or add the one that it needs." : "Containers lack some rights of the host's root: --cap-add, --device or --security-opt give them singly.")
            : Finding.Of("permission-denied", $"User {user} may not use that file.", $"COPY --chown={user} in the Dockerfile gives it the file; --user root runs it as root.");
    }

    private static bool DropsCapabilities(ContainerFacts facts) => facts.Record.HostConfig.CapDrop is { Count: > 0 };

    private static string MountNames(ContainerFacts facts) =>
        facts.Record.Mounts.Select(m => m.VolumeName ?? m.Source).FirstOrDefault(n => n.Length > 0) ?? "the container";

    [GeneratedRegex("error while loading shared libraries: (?<library>[^:]+)|Error loading shared library (?<library>[^:]+)")]
    private static partial Regex MissingLibrary();

    [GeneratedRegex("version [`'](?<version>(?:GLIBC|GLIBCXX|CXXABI)_[0-9.]+)' not found")]
    private static partial Regex OldLibrary();

    [GeneratedRegex("Error relocating .+: symbol not found")]
    private static partial Regex MuslSymbol();

    [GeneratedRegex(@"JavaScript heap out of memory|java\.lang\.OutOfMemoryError")]
    private static partial Regex HeapFull();

    [GeneratedRegex("(?<name>(?:POSTGRES|MYSQL_ROOT|MARIADB_ROOT|MSSQL_SA|SA|ELASTIC|MONGO_INITDB_ROOT)_PASSWORD)\\b")]
    private static partial Regex NeedsPassword();

    [GeneratedRegex("database files are incompatible with server|data directory was initialized by|Cannot upgrade from .+ to|Invalid MySQL server (?:down|up)grade")]
    private static partial Regex OldData();

    [GeneratedRegex("data directory .+ has (?:wrong ownership|invalid permissions)")]
    private static partial Regex DataOwner();

    [GeneratedRegex(@"\$'\\r': command not found|\?: not found$|illegal option -\?|\\r: (?:command )?not found|\^M|bad interpreter: .*\^M|: not found\?$")]
    private static partial Regex CarriageReturn();

    [GeneratedRegex(@"\[\[: (?:command )?not found|[Ss]yntax error: (?:""\("" unexpected|unexpected ""\("")|Syntax error: Bad (?:substitution|fd number|for loop variable)|source: not found")]
    private static partial Regex WrongShell();

    [GeneratedRegex("Exec format error|cannot execute binary file|ELF.*: not found", RegexOptions.IgnoreCase)]
    private static partial Regex WrongMachine();

    [GeneratedRegex("/dev/shm/?.*No space left on device|resize shared memory segment.*No space left", RegexOptions.IgnoreCase)]
    private static partial Regex SharedMemoryFull();

    [GeneratedRegex("^.*No space left on device.*$|^.*ENOSPC.*$", RegexOptions.IgnoreCase)]
    private static partial Regex NoSpace();

    [GeneratedRegex("^.*Read-only file ?system.*$|^.*EROFS.*$", RegexOptions.IgnoreCase)]
    private static partial Regex ReadOnly();

    [GeneratedRegex("no new privileges|effective uid is not 0|must be suid to work|must be setuid root", RegexOptions.IgnoreCase)]
    private static partial Regex NoNewPrivileges();

    [GeneratedRegex("^(?:chown|chgrp|install): .*Operation not permitted", RegexOptions.IgnoreCase)]
    private static partial Regex OwnerChange();

    [GeneratedRegex("Address (?:already )?in use|EADDRINUSE", RegexOptions.IgnoreCase)]
    private static partial Regex PortInUse();

    [GeneratedRegex("(?:bind|listen).*Permission denied|EACCES.*(?:0\\.0\\.0\\.0|::):[0-9]{1,3}\\b", RegexOptions.IgnoreCase)]
    private static partial Regex PrivilegedPort();

    [GeneratedRegex("^.*(?:Permission denied|EACCES).*$", RegexOptions.IgnoreCase)]
    private static partial Regex PermissionDenied();

    [GeneratedRegex(@"(?<address>localhost|127\.0\.0\.1|\[?::1\]?)(?:[ :()]|$).*refused|refused.*(?<address>localhost|127\.0\.0\.1|::1)|ECONNREFUSED (?<address>127\.0\.0\.1|::1)", RegexOptions.IgnoreCase)]
    private static partial Regex LocalConnection();

    [GeneratedRegex(@"bad address '(?<name>[^']+)'|could not translate host name ""(?<name>[^""]+)""|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<name>\S+)|[Cc]ould not resolve host: (?<name>\S+)|lookup (?<name>\S+).*no such host|Name or service not known|Temporary failure in name resolution|Name does not resolve")]
    private static partial Regex NoName();

    [GeneratedRegex("certificate verify failed|certificate signed by unknown authority|unable to get local issuer certificate|SSL certificate problem|self[- ]signed certificate", RegexOptions.IgnoreCase)]
    private static partial Regex Certificate();

    [GeneratedRegex("Too many open files|EMFILE", RegexOptions.IgnoreCase)]
    private static partial Regex TooManyFiles();

    [GeneratedRegex("can't fork|cannot fork|fork: .*(?:Resource temporarily unavailable|retry)|pthread_create failed|unable to create (?:native )?thread", RegexOptions.IgnoreCase)]
    private static partial Regex NoProcesses();

    [GeneratedRegex(@"Cannot find (?:module|package) '(?<module>[^']+)'|No module named '?(?<module>[\w.]+)'?|Could not find or load main class (?<module>\S+)|cannot load such file -- (?<module>\S+)")]
    private static partial Regex MissingModule();

    [GeneratedRegex(@"Cannot connect to the Docker daemon|docker\.sock|gantry\.sock")]
    private static partial Regex EngineSocket();

    [GeneratedRegex("not a tty|no tty present|a terminal is required|inappropriate ioctl for device", RegexOptions.IgnoreCase)]
    private static partial Regex NoTerminal();

    [GeneratedRegex("Operation not permitted|EPERM", RegexOptions.IgnoreCase)]
    private static partial Regex NotPermitted();

    [GeneratedRegex(@"(?:^|[ :])(?<name>[\w.+-]+): (?:command )?not found$|exec: ""?(?<name>[\w.+-]+)""?: (?:executable file )?not found")]
    private static partial Regex CommandMissing();

    [GeneratedRegex(@"(?:can't open|cannot open|can't cd to|cannot access|can't access|[Nn]o such file or directory:?|ENOENT[^/]*) ?'?""?(?<path>/[^\s'"":,]+)|(?<path>/[^\s'"":,]+)['""]?: No such file or directory")]
    private static partial Regex NoFile();
}
