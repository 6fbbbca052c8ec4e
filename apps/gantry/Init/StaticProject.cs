namespace Gantry.Cli.Init;

/// <summary>A web site that is files alone: an index.html, perhaps in a folder for it.</summary>
internal sealed class StaticProject : IProjectKind
{
    private static readonly string[] s_folders = ["public", "site", "www", "dist"];

    public string Name => "static";

    public string Title => "a static web site";

    public IReadOnlyList<string> Ignored => [];

    public bool Matches(ProjectFolder folder) => folder.Has("index.html") || Array.Exists(s_folders, name => folder.Has(name + "/index.html"));

    public string Dockerfile(ProjectFolder folder)
    {
        var source = folder.Has("index.html") ? "." : Array.Find(s_folders, name => folder.Has(name + "/index.html")) ?? ".";
        return $"""
            # syntax=docker/dockerfile:1

            # This variant of nginx runs without root, and so listens on 8080.
            FROM nginxinc/nginx-unprivileged:stable-alpine
            COPY {source} /usr/share/nginx/html
            EXPOSE 8080

            """;
    }
}
