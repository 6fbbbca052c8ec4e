using Xunit;

namespace Gantry.Tests.Unit.Cli.Init;

/// <summary><c>gantry init</c>.</summary>
public sealed class InitTests : IDisposable
{
    private readonly string _root = Directory.CreateDirectory(Path.Combine(Directory.CreateTempSubdirectory("gantry-init-").FullName, "My App")).FullName;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    private string Dockerfile => File.ReadAllText(Path.Combine(_root, "Dockerfile"));

    private string Ignored => File.ReadAllText(Path.Combine(_root, ".dockerignore"));

    private void Put(string name, string content = "")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, name))!);
        File.WriteAllText(Path.Combine(_root, name), content);
    }

    private void Init(string title, params string[] flags)
    {
        var ran = Cli.Gantry(["init", .. flags, _root]);
        Assert.Equal((0, ""), (ran.Code, ran.Error));
        Assert.Equal($"Wrote Dockerfile and .dockerignore for {title}.\nBuild it:  gantry build -t my-app {_root}\n", ran.Out);
        Assert.Contains("\n.git\n", Ignored, StringComparison.Ordinal);
        Assert.StartsWith("# syntax=docker/dockerfile:1\n\n", Dockerfile, StringComparison.Ordinal);
    }

    private void HasLines(params string[] lines)
    {
        var text = Dockerfile.Split('\n');
        foreach (var line in lines)
            Assert.Contains(line, text);
    }

    [Fact]
    public void NodeWithABuild()
    {
        Put("package.json", """{"engines":{"node":">=18.17"},"scripts":{"build":"tsc","start":"node dist/index.js"},"dependencies":{"@prisma/client":"5"}}""");
        Put("package-lock.json");
        Init("Node.js");
        HasLines(
            "FROM node:18-slim AS base", "COPY package.json package-lock.json ./", "COPY prisma ./prisma", "RUN --mount=type=cache,target=/root/.npm npm ci", "RUN npx prisma generate", "RUN npm run build",
            "COPY --from=build --chown=node:node /app ./", "USER node", """CMD ["npm", "start"]""");
        Assert.Contains("\nnode_modules\n", Ignored, StringComparison.Ordinal);
    }

    [Fact]
    public void NodeWithoutABuild()
    {
        Put("package.json", """{"main":"server.js"}""");
        Put("yarn.lock");
        Init("Node.js");
        HasLines("FROM node:22-slim AS base", "RUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install --frozen-lockfile", "COPY --from=packages /app/node_modules ./node_modules", """CMD ["node", "server.js"]""");
        Assert.DoesNotContain("AS build", Dockerfile, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fastapi==0.1", "main.py", """CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]""")]
    [InlineData("Flask", "app.py", """CMD ["flask", "--app", "app", "run", "--host", "0.0.0.0", "--port", "8000"]""")]
    [InlineData("django", "manage.py", """CMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]""")]
    [InlineData("requests", "run.py", """CMD ["python", "run.py"]""")]
    public void Python(string requirements, string file, string command)
    {
        Put("requirements.txt", requirements);
        Put(file);
        Init("Python");
        HasLines("RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt", "USER app", command);
        Assert.Contains("**/__pycache__", Ignored, StringComparison.Ordinal);
    }

    [Fact]
    public void DotNetTakesTheProgramAndNotItsTests()
    {
        Put("App.Tests/App.Tests.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>");
        Put("Web/Web.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"><PropertyGroup><TargetFramework>net9.0</TargetFramework></PropertyGroup></Project>");
        Init(".NET");
        HasLines(
            "FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build", "RUN --mount=type=cache,target=/root/.nuget/packages dotnet publish Web/Web.csproj -c Release -o /app", "FROM mcr.microsoft.com/dotnet/aspnet:9.0 AS final",
            "USER $APP_UID", "EXPOSE 8080", """ENTRYPOINT ["dotnet", "Web.dll"]""");
    }

    [Fact]
    public void Go()
    {
        Put("go.mod", "module example.test/x\n\ngo 1.24.3\n");
        Put("go.sum");
        Put("main.go");
        Init("Go");
        HasLines("FROM golang:1.24 AS build", "COPY go.mod go.sum ./", "    mkdir /out && CGO_ENABLED=0 go build -trimpath -o /out/app .", """ENTRYPOINT ["/usr/local/bin/app"]""");
    }

    [Fact]
    public void GoWithCommands()
    {
        Put("go.mod", "module example.test/x\n\ngo 1.24\n");
        Put("cmd/serve/main.go");
        Init("Go");
        HasLines("COPY go.mod ./", "    mkdir /out && CGO_ENABLED=0 go build -trimpath -o /out/ ./cmd/...", """ENTRYPOINT ["/usr/local/bin/serve"]""");
    }

    [Theory]
    [InlineData("pom.xml", "mvn --batch-mode package", "FROM maven:3-eclipse-temurin-21 AS build")]
    [InlineData("build.gradle.kts", "gradle --no-daemon assemble", "FROM gradle:8-jdk21 AS build")]
    public void Java(string file, string command, string image)
    {
        Put(file);
        Init("Java");
        HasLines(image, "FROM eclipse-temurin:21-jre AS final", "USER app", """ENTRYPOINT ["java", "-jar", "/app.jar"]""");
        Assert.Contains(command, Dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void Static()
    {
        Put("public/index.html");
        Init("a static web site");
        HasLines("COPY public /usr/share/nginx/html");
    }

    [Fact]
    public void FilesThatAreThereStayUnlessForced()
    {
        Put("index.html");
        Put(".dockerignore", "mine");
        var ran = Cli.Gantry("init", _root);
        Assert.Equal((1, ".dockerignore is there already: nothing was written; --force replaces it\n"), (ran.Code, ran.Error));
        Assert.Equal("mine", Ignored);
        Assert.False(File.Exists(Path.Combine(_root, "Dockerfile")));
        Init("a static web site", "--force");
    }

    [Fact]
    public void TheKindMayBeNamed()
    {
        Put("package.json", "{}");
        Put("index.html");
        Init("a static web site", "--type", "static");
        Assert.Contains("no kind of project is called \"cobol\"", Cli.Gantry("init", "-f", "--type", "cobol", _root).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatNothingTellsIsAsked()
    {
        var ran = Cli.Gantry("init", _root);
        Assert.Equal(1, ran.Code);
        Assert.Contains("name it with --type (dotnet, go, java, node, python, static)", ran.Error, StringComparison.Ordinal);
        Put("package.json", "{");
        Assert.Contains("package.json is not valid JSON", Cli.Gantry("init", _root).Error, StringComparison.Ordinal);
    }
}
