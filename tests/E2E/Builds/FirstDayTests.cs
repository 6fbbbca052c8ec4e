using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>
/// The Dockerfile of somebody's first day: a Node.js service with packages from npm's registry, built, run and asked over HTTP.
/// </summary>
/// <remarks>
/// node:16-alpine is the stand-in of tests/images. Prisma itself fetches programs from a host of its own while it generates,
/// which no test may need; so the command "prisma" is one of the project's own, which makes a module of the same schema with
/// the parser @mrleebo/prisma-ast from npm. npm is given the host's certificates by the project's .npmrc.
/// </remarks>
public sealed class FirstDayTests : IAsyncLifetime
{
    private const string Certificates = "/etc/ssl/certs/ca-certificates.crt";

    private RegistryFixture _registry = null!;
    private EngineFixture _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await RegistryFixture.StartAsync("node-16-alpine");
        _engine = await EngineFixture.StartAsync("--registry-mirror", _registry.Url);
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is { } engine)
            await engine.DisposeAsync();
        if (_registry is { } registry)
            await registry.DisposeAsync();
    }

    [Fact]
    public async Task ANodeServiceIsBuiltRunAndAnswers()
    {
        using var project = Service();
        var built = await _engine.GantryAsync("build", "-t", "service", project.Folder);
        built.Succeeded();
        Assert.Matches(@"(?m)^#\d+ \[\d/\d\] RUN npx prisma generate$", built.Error);

        (await _engine.GantryAsync("run", "-d", "--name", "service", "-p", "3000:3000", "service")).Succeeded();
        using var client = new HttpClient();
        var answer = await Eventually.GetAsync("the service answers", async () => await client.GetStringAsync("http://127.0.0.1:3000/ships"));
        Assert.Equal("""{"models":["Ship","Harbor"],"secret":false}""", answer);
        (await _engine.GantryAsync("rm", "-f", "service")).Succeeded();

        // A changed source file runs the packages' installation again, as this Dockerfile has it; an unchanged one nothing.
        Assert.Matches(@"(?m)^#\d+ CACHED$", (await _engine.GantryAsync("build", "-t", "service", project.Folder)).Succeeded().Error);
    }

    private static Project Service()
    {
        var project = new Project(
            ("Dockerfile", """
                FROM node:16-alpine
                WORKDIR /app
                COPY . .
                RUN npm install
                RUN npm run build
                RUN npx prisma generate
                EXPOSE 3000
                CMD ["node", "dist/index.js"]
                """),
            (".dockerignore", "node_modules\ndist\n.env\n"),
            (".env", "DATABASE_PASSWORD=secret"),
            ("node_modules/left/behind.js", "throw new Error('the host\\'s modules must not be sent')"),
            ("package.json", """
                {
                  "name": "service", "version": "1.0.0", "private": true,
                  "scripts": { "build": "tsc" },
                  "dependencies": { "express": "4.18.2" },
                  "devDependencies": { "typescript": "5.0.4", "@types/express": "4.17.17", "@types/node": "16.18.38", "prisma": "file:tools/prisma" }
                }
                """),
            ("tsconfig.json", """{ "compilerOptions": { "outDir": "dist", "rootDir": "src", "module": "commonjs", "target": "es2020", "esModuleInterop": true, "strict": true, "skipLibCheck": true }, "include": ["src"] }"""),
            ("src/index.ts", """
                import express from 'express';
                import { existsSync } from 'fs';
                const { models } = require('../generated/models.js') as { models: string[] };
                const app = express();
                app.get('/ships', (_request, response) => { response.json({ models, secret: existsSync('/app/.env') }); });
                app.listen(3000, '0.0.0.0');
                """),
            ("prisma/schema.prisma", """
                datasource db {
                  provider = "sqlite"
                  url      = "file:./dev.db"
                }
                model Ship {
                  id   Int    @id
                  name String
                }
                model Harbor {
                  id   Int    @id
                }
                """),
            ("tools/prisma/package.json", """{ "name": "prisma", "version": "1.0.0", "bin": { "prisma": "prisma.js" }, "dependencies": { "@mrleebo/prisma-ast": "0.5.2" } }"""),
            ("tools/prisma/prisma.js", """
                #!/usr/bin/env node
                const { getSchema } = require('@mrleebo/prisma-ast');
                const fs = require('fs');
                if (process.argv[2] !== 'generate') throw new Error('only "generate" is known');
                const models = getSchema(fs.readFileSync('prisma/schema.prisma', 'utf8')).list.filter(part => part.type === 'model').map(part => part.name);
                fs.mkdirSync('generated', { recursive: true });
                fs.writeFileSync('generated/models.js', `exports.models = ${JSON.stringify(models)};`);
                console.log(`Generated ${models.length} models`);
                """));
        if (File.Exists(Certificates))
        {
            File.Copy(Certificates, Path.Combine(project.Folder, "certificates.crt"));
            project.Put(".npmrc", "cafile=/app/certificates.crt\n");
        }

        return project;
    }
}
