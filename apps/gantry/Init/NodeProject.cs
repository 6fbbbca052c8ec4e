using System.Text;
using System.Text.Json;

namespace Gantry.Cli.Init;

/// <summary>Node.js: a package.json.</summary>
internal sealed class NodeProject : IProjectKind
{
    private const string UsualVersion = "22";

    public string Name => "node";

    public string Title => "Node.js";

    public IReadOnlyList<string> Ignored => ["node_modules", "npm-debug.log*", "dist", "build", "coverage", ".next"];

    public bool Matches(ProjectFolder folder) => folder.Has("package.json");

    public string Dockerfile(ProjectFolder folder)
    {
        using var package = Parse(folder.Text("package.json"));
        var root = package.RootElement;
        var version = MajorOf(Text(Member(root, "engines"), "node")) ?? UsualVersion;
        var builds = Text(Member(root, "scripts"), "build").Length > 0;
        var prisma = Text(Member(root, "dependencies"), "@prisma/client").Length > 0;
        var manager = PackageManager.Of(folder);
        var file = new StringBuilder();
        file.Append($"# syntax=docker/dockerfile:1\n\nFROM node:{version}-slim AS base\nWORKDIR /app\n{manager.Setup}\n");
        file.Append($"# Only what says which packages are needed: this step runs again when that changes, not with every line of code.\nFROM base AS packages\nCOPY {manager.Files} ./\n{(prisma ? "COPY prisma ./prisma\n" : "")}RUN --mount=type=cache,target={manager.Cache} {manager.Install}\n\n");
        if (builds || prisma)
            file.Append($"FROM packages AS build\nCOPY . .\n{(prisma ? "RUN npx prisma generate\n" : "")}{(builds ? $"RUN {manager.Run} build\n" : "")}\n");
        var last = builds || prisma ? "build" : "packages";
        file.Append("FROM base AS final\nENV NODE_ENV=production\n");
        file.Append(last == "build" ? "COPY --from=build --chown=node:node /app ./\n" : "COPY --from=packages /app/node_modules ./node_modules\nCOPY --chown=node:node . .\n");
        file.Append($"USER node\nEXPOSE 3000\nCMD {Command(root)}\n");
        return file.ToString();
    }

    private static string Command(JsonElement root)
    {
        if (Text(Member(root, "scripts"), "start").Length > 0)
            return """["npm", "start"]""";
        var main = Text(root, "main");
        return $"[\"node\", {JsonText(main.Length > 0 ? main : "index.js")}]";
    }

    private static string JsonText(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";

    private static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        }
        catch (JsonException e)
        {
            throw Model.GantryException.Of(Model.ErrorKind.Invalid, $"package.json is not valid JSON (line {e.LineNumber + 1}): mend it, then run gantry init again", cause: e);
        }
    }

    private static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    // ">=18.17", "^20", "20.x": the first number is the major version.
    private static string? MajorOf(string range)
    {
        var digits = string.Concat(range.SkipWhile(static c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit));
        return digits.Length is 1 or 2 ? digits : null;
    }

    private sealed record PackageManager(string Files, string Install, string Run, string Cache, string Setup)
    {
        public static PackageManager Of(ProjectFolder folder) => true switch
        {
            _ when folder.Has("pnpm-lock.yaml") => new("package.json pnpm-lock.yaml", "pnpm install --frozen-lockfile", "pnpm run", "/root/.local/share/pnpm/store", "RUN npm install --global pnpm\n"),
            _ when folder.Has("yarn.lock") => new("package.json yarn.lock", "yarn install --frozen-lockfile", "yarn run", "/usr/local/share/.cache/yarn", ""),
            _ when folder.Has("package-lock.json") => new("package.json package-lock.json", "npm ci", "npm run", "/root/.npm", ""),
            _ => new("package.json", "npm install", "npm run", "/root/.npm", ""),
        };
    }
}
