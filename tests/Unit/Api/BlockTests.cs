using System.Buffers;
using System.Globalization;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Xunit;

namespace Gantry.Tests.Unit.Api;

/// <summary>What connections are received into: one system call brings what fits in a block.</summary>
public sealed class BlockTests
{
    [Fact]
    public async Task BodiesComeInBlocksOfMoreThanKestrels()
    {
        const int bytes = 1 << 20;
        var longest = 0;
        await using var wire = await WireServer.StartAsync([new Route("POST", "/body", async exchange =>
        {
            var reader = exchange.Http.Request.BodyReader;
            for (var left = bytes; left > 0;)
            {
                var read = await reader.ReadAsync(exchange.Requested);
                foreach (var piece in read.Buffer)
                    longest = Math.Max(longest, piece.Length);
                left -= (int)read.Buffer.Length;
                reader.AdvanceTo(read.Buffer.End);
            }
        })]);
        await wire.AskAsync("POST", "/body", new string('x', bytes));
        Assert.InRange(longest, 8 << 10, 64 << 10);
    }
}
