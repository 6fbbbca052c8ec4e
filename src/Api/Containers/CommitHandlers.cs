using Gantry.Api.Images;
using Gantry.Engine.Commit;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Containers;

/// <summary>Images made of containers.</summary>
internal static class CommitHandlers
{
    /// <remarks>Source: moby daemon/server/router/container postCommit: the body, a configuration, may be missing.</remarks>
    public static async Task CommitAsync(Exchange exchange)
    {
        var query = exchange.Query;
        var repository = query.Text("repo");
        var spec = new ContainerCommitSpec
        {
            Container = query.Text("container"),
            Reference = repository.Length == 0 ? null : ImageHandlers.NameAndTag(repository, query.Text("tag")).WithDefaultTag(),
            Author = query.Text("author"),
            Comment = query.Text("comment"),
            Pause = query.Flag("pause", whenAbsent: true),
            Changes = query.Many("changes"),
            Config = await exchange.ReadJsonAsync<ContainerConfig>(),
        };
        var id = await exchange.Engine.Commits.RunAsync(spec, exchange.Requested);
        await exchange.WriteJsonAsync(new IDResponse { Id = id.ToString() }, StatusCodes.Status201Created);
    }
}
