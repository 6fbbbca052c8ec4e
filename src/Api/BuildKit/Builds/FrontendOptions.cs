using Gantry.Build;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>What is to be built, and under which names the client has its directories.</summary>
internal sealed record FrontendOptions
{
    /// <summary>All but the outputs.</summary>
    public required BuildSpec Spec { get; init; }

    /// <summary>The client's name for the directory that the Dockerfile is in.</summary>
    public string DockerfileDirectory { get; init; } = "dockerfile";

    /// <summary>An archive that the client offers as the context; null: a directory, or what <see cref="BuildSpec.Context"/> says.</summary>
    public Uri? Upload { get; init; }

    /// <summary>What is to be answered about the build instead of building; null: nothing, it is built.</summary>
    public string? Question { get; init; }
}
