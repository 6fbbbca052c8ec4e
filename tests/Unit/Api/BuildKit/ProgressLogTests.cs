using System.Text;
using Gantry.Api.BuildKit.Builds;
using Gantry.Api.BuildKit.Wire;
using Gantry.Build;
using Gantry.Model;
using Google.Protobuf;
using Xunit;
using VertexLog = Gantry.Build.VertexLog;
using VertexStatus = Gantry.Build.VertexStatus;

namespace Gantry.Tests.Unit.Api.BuildKit;

public sealed class ProgressLogTests
{
    private static readonly Digest s_vertex = Digest.OfSha256(new byte[32]);
    private static readonly DateTimeOffset s_time = DateTimeOffset.UnixEpoch.AddYears(50);

    [Fact]
    public async Task WhoComesLateGetsTheLastStatesAndAllOutput()
    {
        var log = new ProgressLog();
        log.Report(Vertex());
        log.Report(Status(1));
        log.Report(Output("a"));
        log.Report(Status(2));
        log.Report(Output("b"));
        log.Report(Vertex() with { Completed = s_time, Error = "broke" });
        log.End();

        var response = Assert.Single(await ReadAsync(log));

        Assert.Equal("broke", Assert.Single(response.Vertexes).Error);
        Assert.Equal(2, Assert.Single(response.Statuses).Current);
        Assert.Equal(["a", "b"], response.Logs.Select(l => l.Msg.ToStringUtf8()));
    }

    [Fact]
    public async Task WhoIsThereGetsWhatChanges()
    {
        var log = new ProgressLog();
        log.Report(Vertex());
        await using var reader = log.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        var next = reader.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        log.Report(Output("x"));
        Assert.True(await next);
        Assert.Empty(reader.Current.Vertexes);
        Assert.Equal("x", Assert.Single(reader.Current.Logs).Msg.ToStringUtf8());
        log.End();
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task OutputHasALimit()
    {
        var log = new ProgressLog();
        for (var i = 0; i < 100; i++)
            log.Report(Output(new string('x', 100_000)));
        log.End();
        var responses = await ReadAsync(log);
        Assert.InRange(responses.Sum(r => r.Logs.Sum(l => l.Msg.Length)), 1_900_000, 2_200_000);
        Assert.Contains("output clipped", responses[^1].Logs[^1].Msg.ToStringUtf8(), StringComparison.Ordinal);
        Assert.All(responses, r => Assert.InRange(r.CalculateSize(), 1, 4 << 20));
    }

    [Fact]
    public async Task WarningsComeWithTheVertexThatReadTheFile()
    {
        var log = new ProgressLog();
        log.Report(Vertex());
        var reading = Vertex() with { Digest = Digest.OfSha256(Enumerable.Repeat((byte)1, 32).ToArray()), Name = "[internal] load build definition from Dockerfile" };
        log.Report(reading);
        log.Report(new VertexWarnings
        {
            Vertex = reading.Digest,
            Warnings = [new LintWarning { Rule = "R", Message = "m", Description = "d", Url = "u", Lines = new SourceLines(3, 4) }],
            Source = new FileSource { Filename = "Dockerfile", Data = "FROM x"u8.ToArray() },
        });
        log.End();
        var warning = Assert.Single((await ReadAsync(log))[0].Warnings);
        Assert.Equal(reading.Digest.ToString(), warning.Vertex);
        Assert.Equal("R: m (line 3)", warning.Short.ToStringUtf8());
        Assert.Equal([(3, 3), (4, 4)], warning.Ranges.Select(static range => (range.Start.Line, range.End.Line)));
        Assert.Equal(("Dockerfile", "FROM x"), (warning.Info.Filename, warning.Info.Data.ToStringUtf8()));
    }

    private static async Task<List<StatusResponse>> ReadAsync(ProgressLog log)
    {
        var responses = new List<StatusResponse>();
        await foreach (var response in log.ReadAsync(CancellationToken.None))
            responses.Add(response);
        return responses;
    }

    private static VertexProgress Vertex() => new() { Digest = s_vertex, Name = "step", Inputs = [], Started = s_time };

    private static VertexStatus Status(long current) => new() { Vertex = s_vertex, Id = "part", Current = current, Time = s_time };

    private static VertexLog Output(string text) => new() { Vertex = s_vertex, Stream = 1, Data = Encoding.UTF8.GetBytes(text), Time = s_time };
}
