using Gantry.Build;

namespace Gantry.Tests.Unit.Build;

/// <summary>Vertices for tests.</summary>
internal static class Graphs
{
    public static ImageSource Image() => new() { Name = "image", Reference = "docker.io/library/busybox:latest", Platform = "linux/amd64" };

    public static LocalContext Context(string session = "s") => new() { Name = "context", Context = "context", Session = session };

    public static ExecStep Run(string command, Vertex on, bool ignoreCache = false) =>
        new(command, [on], 0, ["/bin/sh", "-c", command], []) { IgnoreCache = ignoreCache };

    public static ExecStep RunWithSecret() =>
        new("secret", [Image()], 0, ["cat"], [new() { Kind = StepMountKind.Secret, Target = "/run/secrets/a", Id = "a" }]);

    public static FileStep Copy(Vertex onto, Vertex from) =>
        new("copy", [onto, from], 0, [new CopyAction { From = 1, Sources = ["/package.json"], Destination = "/app/" }]);
}
