using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Tests.Unit.Build;

/// <summary>A step runner whose trees are texts: what a vertex makes follows from its name, unless a test says otherwise.</summary>
internal sealed class FakeRunner : IStepRunner, IBuildCache, IBuildProgress
{
    private readonly ConcurrentDictionary<Digest, StepResult> _cache = new();

    public ConcurrentQueue<string> Ran { get; } = new();

    public ConcurrentQueue<VertexProgress> Vertices { get; } = new();

    public ConcurrentQueue<VertexLog> Logs { get; } = new();

    /// <summary>What a vertex holds, by name; else its name and its inputs.</summary>
    public Dictionary<string, string> Contents { get; } = [];

    /// <summary>What a selection of a tree holds, by the tree's content; else all of it.</summary>
    public Dictionary<string, string> Selected { get; } = [];

    public Func<Vertex, IBuildProgress, CancellationToken, Task> During { get; set; } = (_, _, _) => Task.CompletedTask;

    public async Task<StepResult> RunAsync(Vertex vertex, IReadOnlyList<StepResult> inputs, IBuildProgress progress, CancellationToken cancellationToken)
    {
        Ran.Enqueue(vertex.Name);
        await During(vertex, progress, cancellationToken);
        var content = Contents.GetValueOrDefault(vertex.Name) ?? $"{vertex.Name}({string.Join(',', inputs.Select(i => i.Reference))})";
        return new() { Identity = Hash(content), Reference = content };
    }

    public Task<Digest> DigestOfAsync(StepResult tree, ContentSelection selection, CancellationToken cancellationToken) =>
        Task.FromResult(Hash(Selected.GetValueOrDefault(tree.Reference, tree.Reference) + selection.Id));

    public StepResult? Find(Digest key, Vertex vertex, IReadOnlyList<StepResult> inputs) => _cache.GetValueOrDefault(key);

    public void Save(Digest key, StepResult result, Vertex vertex) => _cache[key] = result;

    public void Report(VertexProgress vertex) => Vertices.Enqueue(vertex);

    public void Report(VertexLog log) => Logs.Enqueue(log);

    public void Report(VertexStatus status) => throw new NotSupportedException("no test's step has a status");

    public IEnumerable<string> Cached() => Vertices.Where(v => v.Cached).Select(v => v.Name);

    private static Digest Hash(string text) => Digest.OfSha256(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
