using System.Text;

namespace Gantry.Cli.Init;

/// <summary>Python: a requirements.txt or a pyproject.toml.</summary>
internal sealed class PythonProject : IProjectKind
{
    public string Name => "python";

    public string Title => "Python";

    public IReadOnlyList<string> Ignored => ["**/__pycache__", "**/*.pyc", ".venv", "venv", ".pytest_cache", ".mypy_cache", "*.egg-info"];

    public bool Matches(ProjectFolder folder) => folder.Has("requirements.txt") || folder.Has("pyproject.toml");

    public string Dockerfile(ProjectFolder folder)
    {
        var requirements = folder.Has("requirements.txt");
        var needs = folder.Text(requirements ? "requirements.txt" : "pyproject.toml");
        var file = new StringBuilder();
        file.Append("""
            # syntax=docker/dockerfile:1

            FROM python:3.13-slim AS base
            # No .pyc files that only make the image larger, and no output that waits in a buffer.
            ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
            WORKDIR /app

            # The packages go into an environment of their own, which the last stage takes over whole.
            FROM base AS packages
            RUN python -m venv /opt/venv
            ENV PATH=/opt/venv/bin:$PATH

            """);
        file.Append(requirements
            ? "COPY requirements.txt ./\nRUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt\n\n"
            : "COPY . .\nRUN --mount=type=cache,target=/root/.cache/pip pip install .\n\n");
        file.Append("""
            FROM base AS final
            RUN useradd --create-home --uid 10001 app
            COPY --from=packages /opt/venv /opt/venv
            ENV PATH=/opt/venv/bin:$PATH
            COPY --chown=app:app . .
            USER app
            EXPOSE 8000

            """);
        return file.Append($"CMD {Command(folder, needs)}\n").ToString();
    }

    private static string Command(ProjectFolder folder, string needs)
    {
        var module = new[] { "main", "app", "server", "run" }.FirstOrDefault(name => folder.Has(name + ".py"));
        if (folder.Has("manage.py"))
            return """["python", "manage.py", "runserver", "0.0.0.0:8000"]""";
        if (Needs(needs, "fastapi") || Needs(needs, "starlette"))
            return $"[\"uvicorn\", \"{module ?? "main"}:app\", \"--host\", \"0.0.0.0\", \"--port\", \"8000\"]";
        if (Needs(needs, "flask"))
            return $"[\"flask\", \"--app\", \"{module ?? "app"}\", \"run\", \"--host\", \"0.0.0.0\", \"--port\", \"8000\"]";
        return $"[\"python\", \"{module ?? "main"}.py\"]";
    }

    private static bool Needs(string text, string package) => text.Contains(package, StringComparison.OrdinalIgnoreCase);
}
