using Gantry.Model;

namespace Gantry.Cli.Init;

/// <summary>.NET: a .csproj in the folder or one directly below it.</summary>
internal sealed class DotNetProject : IProjectKind
{
    private const string UsualVersion = "10.0";

    public string Name => "dotnet";

    public string Title => ".NET";

    public IReadOnlyList<string> Ignored => ["**/bin", "**/obj", ".vs", "*.user", "TestResults"];

    public bool Matches(ProjectFolder folder) => folder.Find("*.csproj").Count > 0;

    public string Dockerfile(ProjectFolder folder)
    {
        var projects = folder.Find("*.csproj");
        if (projects.Count == 0)
            throw GantryException.Of(ErrorKind.NotFound, "there is no .csproj in this folder or one directly below it");
        // Of several, the one that runs: a web application first, then any program, tests last.
        var project = projects.OrderBy(path => Rank(folder.Text(path), path)).First();
        var text = folder.Text(project);
        var web = IsWeb(text);
        var version = Element(text, "TargetFramework") is ['n', 'e', 't', var digit, .. var rest] && char.IsAsciiDigit(digit) ? digit + rest : UsualVersion;
        var assembly = Element(text, "AssemblyName") is { Length: > 0 } named ? named : Path.GetFileNameWithoutExtension(project);
        return $"""
            # syntax=docker/dockerfile:1

            FROM mcr.microsoft.com/dotnet/sdk:{version} AS build
            WORKDIR /src
            COPY . .
            RUN --mount=type=cache,target=/root/.nuget/packages dotnet publish {Quoted(project)} -c Release -o /app

            FROM mcr.microsoft.com/dotnet/{(web ? "aspnet" : "runtime")}:{version} AS final
            WORKDIR /app
            COPY --from=build /app ./
            # The user that the images of .NET bring along.
            USER $APP_UID
            {(web ? "EXPOSE 8080\n" : "")}ENTRYPOINT ["dotnet", "{assembly}.dll"]

            """;
    }

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;

    private static int Rank(string text, string path) =>
        path.Contains("Test", StringComparison.OrdinalIgnoreCase) ? 3 : IsWeb(text) ? 0 : text.Contains("<OutputType>Exe", StringComparison.OrdinalIgnoreCase) ? 1 : 2;

    private static bool IsWeb(string text) => text.Contains("Microsoft.NET.Sdk.Web", StringComparison.OrdinalIgnoreCase);

    private static string Element(string text, string name)
    {
        var begin = text.IndexOf($"<{name}>", StringComparison.Ordinal);
        if (begin < 0)
            return "";
        begin += name.Length + 2;
        var end = text.IndexOf('<', begin);
        return end < 0 ? "" : text[begin..end].Trim();
    }
}
