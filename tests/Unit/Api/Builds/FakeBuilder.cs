using System.Security.Cryptography;
using System.Text;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Tests.Unit.Api.Builds;

/// <summary>A builder that reports what a test wants, and tells what it was asked for.</summary>
internal sealed class FakeBuilder(Func<FakeBuilder, CancellationToken, Task<BuildOutcome>> build) : IBuilder
{
    public static readonly Digest Image = Digest.Parse("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

    private static readonly DateTimeOffset s_time = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public BuildSpec Spec { get; private set; } = new();

    public IBuildSession Session { get; private set; } = null!;

    private IBuildProgress? Progress { get; set; }

    public static BuildOutcome Outcome(params string[] names) => new()
    {
        Image = Image,
        Names = names,
        Dockerfile = new() { Directives = new(), GlobalArguments = [], Stages = [], SourceText = [] },
    };

    public static Digest DigestOf(string name) => Digest.OfSha256(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    public Task<BuildOutcome> BuildAsync(BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        (Spec, Session, Progress) = (spec, session, progress);
        return build(this, cancellationToken);
    }

    /// <summary>Answers with the question, so that a test sees that it came.</summary>
    public Task<SubrequestReply> AnswerAsync(string question, BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken) => question == "frontend.weather"
        ? throw GantryException.Of(ErrorKind.NotSupported, "unsupported request " + question)
        : Task.FromResult(new SubrequestReply { Json = Encoding.UTF8.GetBytes($"{{\"asked\":\"{question} of {spec.Target}\"}}"), Text = "in words\n", StatusCode = 1 });

    public void Start(string name) => Progress!.Report(new VertexProgress { Digest = DigestOf(name), Name = name, Inputs = [], Started = s_time });

    public void End(string name, bool cached = false, string? error = null) =>
        Progress!.Report(new VertexProgress { Digest = DigestOf(name), Name = name, Inputs = [], Started = s_time, Completed = s_time, Cached = cached, Error = error });

    public void Warn(string name, string rule) => Progress!.Report(new VertexWarnings
    {
        Vertex = DigestOf(name),
        Warnings = [new LintWarning { Rule = rule, Message = "m", Description = "d", Url = "u", Lines = new SourceLines(1, 2) }],
        Source = new FileSource { Filename = "Dockerfile", Data = default },
    });

    public void Log(string name, byte[] data, int stream = 1) => Progress!.Report(new VertexLog { Vertex = DigestOf(name), Stream = stream, Data = data, Time = s_time });

    public void Log(string name, string text) => Log(name, Encoding.UTF8.GetBytes(text));
}
