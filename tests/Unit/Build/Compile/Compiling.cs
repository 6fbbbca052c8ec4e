using System.Text;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build.Compile;

/// <summary>Compiles Dockerfiles for tests.</summary>
internal static class Compiling
{
    public static CompiledBuild Compile(string dockerfile, BuildSpec? spec = null, Func<CompileSpec, CompileSpec>? change = null, FakeBaseImages? images = null)
    {
        var compile = new CompileSpec
        {
            Dockerfile = DockerfileParser.Parse(Encoding.UTF8.GetBytes(dockerfile)),
            Build = spec ?? new(),
            Session = "session",
            HostPlatform = "linux/amd64",
        };
        return new DockerfileCompiler(images ?? new()).CompileAsync(change?.Invoke(compile) ?? compile, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>What a Dockerfile is refused for.</summary>
    public static GantryException Refused(string dockerfile, BuildSpec? spec = null, FakeBaseImages? images = null) =>
        Assert.Throws<GantryException>(() => Compile(dockerfile, spec, images: images));

    /// <summary>What is said of the instructions after the base's.</summary>
    public static IReadOnlyList<string> History(this CompiledBuild build) =>
        [.. build.Configuration.History!.Where(static entry => entry.Comment is not null).Select(static entry => (entry.EmptyLayer ? "" : "+ ") + entry.CreatedBy)];

    /// <summary>All vertices that the target needs, below before above.</summary>
    public static IReadOnlyList<Vertex> Vertices(this CompiledBuild build)
    {
        List<Vertex> all = [];
        if (build.Target is { } target)
            Visit(target);
        return all;

        void Visit(Vertex vertex)
        {
            foreach (var input in vertex.Inputs)
                Visit(input);
            if (!all.Exists(other => other.Digest == vertex.Digest))
                all.Add(vertex);
        }
    }

    public static T Only<T>(this CompiledBuild build)
        where T : Vertex => Assert.Single(build.Vertices().OfType<T>());

    public static CopyAction OnlyCopy(this CompiledBuild build) => Assert.Single(((FileStep)build.Target!).Actions.OfType<CopyAction>());
}
