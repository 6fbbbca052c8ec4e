namespace Gantry.Build;

/// <summary>A <c>--build-context</c> that was found for a name.</summary>
/// <param name="Name">As it is in the build's list, with the platform if it has one.</param>
/// <param name="Location">What it stands for, as in <c>docker-image://…</c>.</param>
internal sealed record NamedContext(string Name, string Location);
