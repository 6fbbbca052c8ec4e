using System.Text.Json;

namespace Gantry.Build;

/// <summary>The questions that can be asked about a build: a client's attribute <c>requestid</c> names one.</summary>
/// <remarks>Source: moby/buildkit frontend/subrequests and frontend/dockerfile/builder/subrequests.go.</remarks>
public static class Subrequests
{
    /// <summary>What a build takes: <see cref="BuildOutline"/>.</summary>
    public const string Outline = "frontend.outline";

    /// <summary>What can be built: <see cref="TargetList"/>.</summary>
    public const string Targets = "frontend.targets";

    /// <summary>What linting finds: <see cref="CheckResult"/>.</summary>
    public const string Lint = "frontend.lint";

    /// <summary>What can be asked: <see cref="Describe"/>.</summary>
    public const string Description = "frontend.subrequests.describe";

    internal const string Version = "1.0.0";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SubrequestDescription> All { get; } =
    [
        new()
        {
            Name = Outline,
            Version = Version,
            Description = "List all parameters current build target supports",
            Options = [new() { Name = "target", Description = "Target build stage" }],
            Metadata = [new() { Name = "result.json" }, new() { Name = "result.txt" }],
        },
        new()
        {
            Name = Targets,
            Version = Version,
            Description = "List all targets current build supports",
            Options = [],
            Metadata = [new() { Name = "result.json" }, new() { Name = "result.txt" }],
        },
        new()
        {
            Name = Lint,
            Version = Version,
            Description = "Lint a Dockerfile",
            Options = [],
            Metadata = [new() { Name = "result.json" }, new() { Name = "result.txt" }, new() { Name = "result.statuscode" }],
        },
        new()
        {
            Name = Description,
            Version = Version,
            Description = "List available subrequest types",
            Metadata = [new() { Name = "result.json" }, new() { Name = "result.txt" }],
        },
    ];

    /// <summary>The answer to <see cref="Description"/>.</summary>
    public static SubrequestReply Describe()
    {
        var table = new TextTable(gap: 1).Add("NAME", "VERSION", "DESCRIPTION");
        foreach (var request in All)
            table.Add(request.Name["frontend.".Length..], request.Version, request.Description);
        return new() { Json = JsonSerializer.SerializeToUtf8Bytes(All, SubrequestJson.Readable.IReadOnlyListSubrequestDescription), Text = table.Render() };
    }
}
