using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Terminal;

/// <summary>gantry in a real terminal, typed at.</summary>
public sealed class TerminalTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    // After the command: its exit code, and whether the terminal is as it was before.
    private const string Afterwards = "; echo \"code=$?\"; stty -a | tr ';' '\\n' | grep -ow -e '-*echo' -e '-*icanon' -e '-*isig'; echo the-end";
    private const string Cooked = "isig\r\nicanon\r\necho\r\nthe-end";
    private const string Interrupt = "\x03";

    private string Gantry => $"{Repository.Program("gantry")} --host {hub.Engine.Host}";

    public async ValueTask InitializeAsync() => (await hub.Engine.GantryAsync("pull", "-q", "busybox")).Succeeded();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task RunHasTheTerminalsSizeKeysAndModes()
    {
        await using var terminal = TerminalSession.Start($"stty rows 31 cols 91; {Gantry} run -it --rm busybox sh{Afterwards}");
        await terminal.SeeAsync("/ #");
        await terminal.TypeAsync("stty size\r", "31 91");
        await terminal.ResizeAsync(41, 101);
        await Eventually.HoldsAsync("the new size is seen inside", async () =>
        {
            var from = terminal.Screen.Length;
            await terminal.TypeAsync("stty size; echo asked\r", "asked\r\n");
            return terminal.Screen.IndexOf("41 101", from, StringComparison.Ordinal) >= 0;
        });

        // Ctrl-C is for what runs inside: neither the shell nor gantry end by it.
        await terminal.TypeAsync("echo sleeping; sleep 1000\r", "sleeping\r\n");
        await terminal.TypeAsync(Interrupt, "/ #");
        await terminal.TypeAsync("echo alive $((40 + 2))\r", "alive 42");

        await terminal.TypeAsync("exit 7\r");
        await terminal.SeeAsync("the-end\r\n");
        Assert.Contains("code=7\r\n" + Cooked, terminal.Screen, StringComparison.Ordinal);
        await terminal.EndAsync();
    }

    [Fact]
    public async Task DetachKeysLeaveTheContainerRunning()
    {
        await using (var terminal = TerminalSession.Start($"{Gantry} run -it --name detached busybox sh{Afterwards}"))
        {
            await terminal.SeeAsync("/ #");
            await terminal.TypeAsync("kept=here\r", "/ #");
            await terminal.TypeAsync("\x10\x11"); // Ctrl-P Ctrl-Q
            await terminal.SeeAsync("the-end\r\n");
            Assert.Contains("code=0\r\n" + Cooked, terminal.Screen, StringComparison.Ordinal);
        }
        Assert.Equal("running", (await hub.Engine.GantryAsync("inspect", "-f", "{{.State.Status}}", "detached")).Succeeded().Text);

        // Other keys, and the shell is still the same one.
        await using (var terminal = TerminalSession.Start($"{Gantry} attach --detach-keys ctrl-x,x detached{Afterwards}"))
        {
            await terminal.TypeAsync("\r", "/ #");
            await terminal.TypeAsync("echo $kept-still\r", "here-still");
            await terminal.TypeAsync("\x18x"); // Ctrl-X x
            await terminal.SeeAsync("the-end\r\n");
            Assert.Contains(Cooked, terminal.Screen, StringComparison.Ordinal);
        }

        await using (var terminal = TerminalSession.Start($"{Gantry} attach detached{Afterwards}"))
        {
            await terminal.TypeAsync("\r", "/ #");
            await terminal.TypeAsync("exit 5\r");
            await terminal.SeeAsync("code=5\r\n" + Cooked);
        }
    }

    [Fact]
    public async Task ExecHasATerminalOfItsOwn()
    {
        (await hub.Engine.GantryAsync("run", "-d", "--name", "typed", "busybox", "sleep", "1000")).Succeeded();
        await using var terminal = TerminalSession.Start($"stty rows 20 cols 70; {Gantry} exec -it -e GREETING=hello typed sh{Afterwards}");
        await terminal.SeeAsync("/ #");
        await terminal.TypeAsync("stty size; tty; echo $GREETING\r", "hello\r\n");
        Assert.Contains("20 70\r\n/dev/pts/0\r\n", terminal.Screen, StringComparison.Ordinal);
        await terminal.TypeAsync("sleep 1000\r");
        await Eventually.HoldsAsync("the sleep is there to be interrupted", async () =>
            (await hub.Engine.GantryAsync("exec", "typed", "pidof", "sleep")).Text.Contains(' ', StringComparison.Ordinal));
        await terminal.TypeAsync(Interrupt, "/ #");
        await terminal.TypeAsync("exit 3\r");
        await terminal.SeeAsync("code=3\r\n" + Cooked);
    }

    [Fact]
    public async Task AProgramThatReadsKeysGetsThemUnchanged()
    {
        await using var terminal = TerminalSession.Start($"{Gantry} run -it --rm busybox sh -c 'stty raw -echo; echo ready; head -c 4 | od -An -tx1'{Afterwards}");
        await terminal.SeeAsync("ready");
        await terminal.TypeAsync("\x03\x1a\x04\x7f"); // Ctrl-C, Ctrl-Z, Ctrl-D, Delete
        await terminal.SeeAsync("03 1a 04 7f");
        await terminal.SeeAsync("the-end\r\n");
        Assert.Contains("code=0\r\n" + Cooked, terminal.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutATerminalItIsSaid()
    {
        var refused = await hub.Engine.GantryAsync("run", "-it", "--rm", "busybox", "true");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the input device is not a TTY", refused.Error, StringComparison.Ordinal);
    }
}
