using Gantry.Api.BuildKit.Wire.Pb;
using Gantry.Build;
using Gantry.Model;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>What a client gives the frontend as graphs: results of other builds, and sources that lie elsewhere.</summary>
/// <remarks>Source: docker/buildx build/build.go (waitContextDeps), build/opt.go (loadInputs).</remarks>
internal sealed class FrontendInputs(BuildJobs jobs)
{
    private const string Context = "context";
    private const string Dockerfile = "dockerfile";
    private const string Prefix = "input:";

    /// <summary>A graph that is to be built as it is.</summary>
    /// <exception cref="RpcException">It is more than a source.</exception>
    public static FrontendOptions OfGraph(Definition graph) => SourceGraph.Find(graph) is { } source
        ? new() { Spec = new BuildSpec { DockerfileText = source.ToDockerfile(), Context = "" } }
        : throw BuildErrors.Unimplemented("this engine builds Dockerfiles, and of BuildKit's own graphs (LLB) those that are one source and nothing more");

    /// <summary>Options with what the inputs say. Waits until the results that they name are there: their builds may end soon after.</summary>
    /// <exception cref="GantryException">NotFound: a result is not there any more.</exception>
    /// <exception cref="RpcException">A graph of another kind; or the build that makes a result failed.</exception>
    public async Task<FrontendOptions> ReadAsync(BuildJob job, FrontendOptions options, IReadOnlyDictionary<string, Definition> graphs, CancellationToken cancellationToken)
    {
        var results = new Dictionary<string, IBuildResult>(StringComparer.Ordinal);
        var contexts = options.Spec.NamedContexts.ToDictionary(StringComparer.Ordinal);
        var spec = options.Spec;
        foreach (var (name, graph) in graphs)
        {
            if (ResultGraph.FindName(graph) is { } result)
            {
                var shared = (await jobs.SolveAsync(result, cancellationToken)).Share();
                job.Hold(shared);
                results[name] = shared;
                continue;
            }

            var location = SourceGraph.Find(graph)?.Location
                ?? throw BuildErrors.Unimplemented($"the input \"{name}\" is a graph of BuildKit's own (LLB): this engine takes results of its builds, git repositories and files of web servers");
            if (name == Context)
                spec = spec with { Context = location };
            foreach (var context in contexts.Where(pair => pair.Value == Prefix + name).Select(static pair => pair.Key).ToList())
                contexts[context] = location;
        }

        if (graphs.TryGetValue(Dockerfile, out var file) && (!graphs.TryGetValue(Context, out var own) || !file.Equals(own)))
            throw BuildErrors.Unimplemented("the Dockerfile lies elsewhere than the context: send it in the session's directory, or with the context");
        return options with { Spec = spec with { NamedContexts = contexts, Inputs = results } };
    }
}
