using System.Diagnostics;
using System.Text;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Terminal;

/// <summary>A shell command in a pseudo terminal of its own (script(1)), and somebody who types.</summary>
internal sealed class TerminalSession : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Task _reading;

    private TerminalSession(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Everything shown so far.</summary>
    public string Screen
    {
        get
        {
            lock (_screen)
                return _screen.ToString();
        }
    }

    /// <param name="command">For <c>sh -c</c>.</param>
    public static TerminalSession Start(string command) =>
        new(Command.Start("script", ["-qefc", command, "/dev/null"], new Dictionary<string, string?> { ["TERM"] = "xterm", ["SHELL"] = "/bin/sh" }));

    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Types, and waits for an answer that was not there before.</summary>
    public async Task TypeAsync(string keys, string answer)
    {
        var from = Screen.Length;
        await TypeAsync(keys);
        await SeeAsync(answer, from);
    }

    /// <summary>Waits until a text is on the screen.</summary>
    /// <param name="text">What is looked for.</param>
    /// <param name="from">Where on the screen the looking begins.</param>
    public async Task SeeAsync(string text, int from = 0)
    {
        try
        {
            await Eventually.HoldsAsync($"\"{text}\" is on the screen", () => Task.FromResult(Screen.IndexOf(text, from, StringComparison.Ordinal) >= 0));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"\"{text}\" did not come; the screen:\n{Screen}");
        }
    }

    /// <summary>Gives the terminal another size, as dragging a window's corner does; the kernel sends SIGWINCH.</summary>
    public async Task ResizeAsync(int rows, int columns) =>
        (await Command.RunAsync("stty", ["-F", TerminalOf(_process.Id), "rows", $"{rows}", "cols", $"{columns}"])).Succeeded();

    /// <summary>Waits until the command has ended.</summary>
    public async Task EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await EndAsync();
        _process.Dispose();
    }

    private static string TerminalOf(int script)
    {
        foreach (var child in File.ReadAllText($"/proc/{script}/task/{script}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (File.ResolveLinkTarget($"/proc/{child}/fd/0", returnFinalTarget: false)?.FullName is { } terminal && terminal.StartsWith("/dev/pts/", StringComparison.Ordinal))
                return terminal;
        }
        throw new InvalidOperationException("script has no child in a terminal");
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        int count;
        while ((count = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (_screen)
                _screen.Append(buffer, 0, count);
        }
    }
}
