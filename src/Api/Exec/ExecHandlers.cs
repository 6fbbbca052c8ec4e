using Gantry.Api.Containers;
using Gantry.Api.Streams;
using Gantry.Engine.Exec;
using Gantry.Model;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Exec;

/// <summary>Further processes in running containers.</summary>
internal static class ExecHandlers
{
    public static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadJsonAsync<ExecCreateRequest>()
            ?? throw GantryException.Of(ErrorKind.Invalid, "invalid JSON: got EOF while reading request body");
        if (body.Cmd is not { Count: > 0 } command)
            throw GantryException.Of(ErrorKind.Invalid, "No exec command specified"); // Source: moby postContainerExecCreate
        var spec = new ExecCreateSpec
        {
            Cmd = command,
            Env = body.Env ?? [],
            User = Text(body.User),
            WorkingDir = Text(body.WorkingDir),
            Privileged = body.Privileged ?? false,
            Tty = body.Tty ?? false,
            AttachStdin = body.AttachStdin ?? false,
            AttachStdout = body.AttachStdout ?? false,
            AttachStderr = body.AttachStderr ?? false,
            DetachKeys = Text(body.DetachKeys),
            ConsoleSize = TerminalSize.Of(body.ConsoleSize),
        };
        var id = await exchange.Engine.Execs.CreateAsync(exchange["id"], spec, exchange.Requested);
        await exchange.WriteJsonAsync(new IDResponse { Id = id }, StatusCodes.Status201Created);
    }

    public static async Task StartAsync(Exchange exchange)
    {
        var body = await exchange.ReadJsonAsync<ExecStartRequest>() ?? new ExecStartRequest();
        var spec = new ExecStartSpec { Detach = body.Detach ?? false, Tty = body.Tty ?? false, ConsoleSize = TerminalSize.Of(body.ConsoleSize) };
        var id = exchange["id"];
        var exec = await exchange.Engine.Execs.InspectAsync(id, exchange.Requested);
        if (spec.Detach || exec.Running is true || exec.ExitCode is not null)
        {
            // Detached, or refused in an ordinary answer: it cannot be started twice.
            await exchange.Engine.Execs.StartAsync(id, spec, exchange.Requested);
            await exchange.Answer(StatusCodes.Status200OK);
            return;
        }
        // The head goes out before the process is started, as moby does it. Whether frames follow is for this request to say, whatever the
        // process has: docker-py asks for frames from a terminal.
        var stream = await HijackedStream.TakeAsync(exchange, spec.Tty);
        Engine.Containers.AttachedStream? process;
        try
        {
            process = await exchange.Engine.Execs.StartAsync(id, spec, exchange.Requested);
        }
        catch (GantryException failure)
        {
            // Clients read the reason from the stream, and the exit code from an inspection. Source: moby postContainerExecStart.
            await stream.EndWithAsync(failure.Message + "\r\n", spec.Tty);
            return;
        }
        await using var shaped = (process!.Terminal, spec.Tty) switch
        {
            (true, false) => new FramingStream(process),
            (false, true) => new UnframingStream(process),
            _ => process,
        };
        await stream.PumpAsync(shaped, exchange.Requested);
    }

    public static async Task ResizeAsync(Exchange exchange)
    {
        var (height, width) = TerminalSize.Read(exchange.Query);
        await exchange.Engine.Execs.ResizeAsync(exchange["id"], height, width, exchange.Requested);
        await exchange.Answer(StatusCodes.Status200OK);
    }

    public static async Task InspectAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Execs.InspectAsync(exchange["id"], exchange.Requested));

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
