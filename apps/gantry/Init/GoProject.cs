namespace Gantry.Cli.Init;

/// <summary>Go: a go.mod.</summary>
internal sealed class GoProject : IProjectKind
{
    private const string UsualVersion = "1.25";

    public string Name => "go";

    public string Title => "Go";

    public IReadOnlyList<string> Ignored => ["bin", "*.test", "*.out"];

    public bool Matches(ProjectFolder folder) => folder.Has("go.mod");

    public string Dockerfile(ProjectFolder folder)
    {
        var version = folder.Text("go.mod").Split('\n').Select(static line => line.Trim().Split(' ')).FirstOrDefault(static words => words is ["go", ..])?.ElementAtOrDefault(1) ?? UsualVersion;
        var parts = version.Split('.');
        var image = parts.Length >= 2 ? $"{parts[0]}.{parts[1]}" : version;
        var package = folder.Has("main.go") || !folder.HasDirectory("cmd") ? "." : "./cmd/...";
        return $"""
            # syntax=docker/dockerfile:1

            FROM golang:{image} AS build
            WORKDIR /src
            # Only what says which modules are needed: they are fetched again when that changes, not with every line of code.
            COPY go.mod {(folder.Has("go.sum") ? "go.sum " : "")}./
            RUN --mount=type=cache,target=/go/pkg/mod go mod download
            COPY . .
            # Without cgo the program needs nothing of a distribution.
            RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
                mkdir /out && CGO_ENABLED=0 go build -trimpath -o /out/{(package == "." ? "app" : "")} {package}

            FROM gcr.io/distroless/static-debian12:nonroot AS final
            COPY --from=build /out/ /usr/local/bin/
            EXPOSE 8080
            ENTRYPOINT ["/usr/local/bin/{(package == "." ? "app" : Command(folder))}"]

            """;
    }

    private static string Command(ProjectFolder folder) =>
        folder.FindBelow("cmd") is [var first, ..] ? first : folder.Name;
}
