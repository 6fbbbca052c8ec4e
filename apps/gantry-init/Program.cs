// The init of containers that ask for one (--init), bound over /sbin/docker-init: starts the command behind "--", passes
// every signal on to it, reaps what it leaves behind, and ends as it does. docs/adr/0004-init.md.
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

const int Usage = 2, NotFound = 127, NotExecutable = 126;

if (args is not ["--", _, ..])
{
    Say("usage: docker-init -- COMMAND [ARGUMENT...]");
    return Usage;
}
// Before the command can end: its end is a signal like any other.
SignalQueue.TakeAll();
var child = Spawn.TryStartOwnArguments(skip: 2);
if (child < 0)
{
    Say($"exec {args[1]} failed: {Errno.Name(-child)}");
    return -child is Errno.ENOENT or Errno.ENOTDIR ? NotFound : NotExecutable;
}
while (true)
{
    var signal = SignalQueue.Next();
    if (signal != Processes.SIGCHLD)
    {
        // ESRCH: it has ended, and its SIGCHLD comes next.
        _ = Processes.TryKill(child, signal);
        continue;
    }
    while (Processes.TryWaitAny(out var ended, out var exit))
    {
        if (ended == child)
            return exit.Status;
    }
}

static void Say(string sentence) => _ = Files.TryWrite(new Fd(2), Encoding.UTF8.GetBytes($"docker-init: {sentence}\n"));
