using System.Security.Cryptography;
using System.Text;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Work of the builder itself, told like a step of the graph.</summary>
internal static class BuildStep
{
    /// <summary>Does it.</summary>
    /// <param name="work">Gets the digest that its statuses are told with.</param>
    public static async Task<T> RunAsync<T>(IBuildProgress progress, TimeProvider time, string name, Func<Digest, Task<T>> work)
    {
        var digest = Digest.OfSha256(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        var vertex = new VertexProgress { Digest = digest, Name = name, Inputs = [], Started = time.GetUtcNow() };
        progress.Report(vertex);
        try
        {
            var result = await work(digest);
            progress.Report(vertex with { Completed = time.GetUtcNow() });
            return result;
        }
        catch (Exception failure) when (failure is GantryException or IOException or OperationCanceledException)
        {
            progress.Report(vertex with { Completed = time.GetUtcNow(), Error = failure is OperationCanceledException ? "canceled" : failure.Message });
            throw;
        }
    }
}
