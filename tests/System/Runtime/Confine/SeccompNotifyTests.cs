using System.Text.Json;
using Gantry.Model.Oci;
using Gantry.Tests.Support;
using Gantry.Tests.System.Runtime.CommandLine;
using Xunit;

namespace Gantry.Tests.System.Runtime.Confine;

/// <summary>System calls that an agent outside answers: SCMP_ACT_NOTIFY, from the filter to the answer. Needs cc.</summary>
public sealed class SeccompNotifyTests
{
    // Prints each message it gets and answers every call that it is told of with ENOMEDIUM.
    private const string AgentSource =
        """
        #include <errno.h>
        #include <linux/seccomp.h>
        #include <poll.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/ioctl.h>
        #include <sys/socket.h>
        #include <sys/un.h>
        #include <unistd.h>
        static void answer(int listener) {
            struct pollfd poller = { listener, POLLIN, 0 };
            while (poll(&poller, 1, -1) == 1 && (poller.revents & POLLIN)) {
                struct seccomp_notif call;
                memset(&call, 0, sizeof call);
                if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) continue;
                struct seccomp_notif_resp reply = { .id = call.id, .error = -ENOMEDIUM };
                ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
            }
        }
        int main(int count, char **words) {
            struct sockaddr_un address = { .sun_family = AF_UNIX };
            strcpy(address.sun_path, words[1]);
            int server = socket(AF_UNIX, SOCK_STREAM, 0);
            if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 8)) return 1;
            for (;;) {
                char text[65536], control[CMSG_SPACE(sizeof(int))];
                struct iovec part = { text, sizeof text };
                struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
                ssize_t length = recvmsg(accept(server, 0, 0), &message, 0);
                if (length <= 0 || !CMSG_FIRSTHDR(&message)) return 2;
                printf("%.*s\n", (int)length, text);
                fflush(stdout);
                if (!fork()) { answer(*(int *)CMSG_DATA(CMSG_FIRSTHDR(&message))); return 0; }
                close(*(int *)CMSG_DATA(CMSG_FIRSTHDR(&message)));
            }
        }
        """;

    [Theory]
    [MemberData(nameof(OciRuntime.All), MemberType = typeof(OciRuntime))]
    public async Task AnAgentIsHandedTheListenerAndAnswersCalls(string name)
    {
        await using var runtime = OciRuntime.Of(name);
        var socket = runtime.Path + "/agent.socket";
        await File.WriteAllTextAsync(runtime.Path + "/agent.c", AgentSource);
        (await Command.RunAsync("cc", ["-o", runtime.Path + "/agent", runtime.Path + "/agent.c"])).Succeeded();
        var agent = Command.Start(runtime.Path + "/agent", [socket]);
        try
        {
            await Eventually.HoldsAsync("the agent listens", () => Task.FromResult(File.Exists(socket)));
            await runtime.StartAsync("c", "mkdir /tmp/x 2>&1; exec sleep 600", c => c with
            {
                Linux = c.Linux! with
                {
                    Seccomp = new LinuxSeccomp
                    {
                        DefaultAction = "SCMP_ACT_ALLOW",
                        ListenerPath = socket,
                        ListenerMetadata = "for the agent",
                        Architectures = ["SCMP_ARCH_X86_64"],
                        Syscalls = [new LinuxSyscallRule { Names = ["mkdir", "mkdirat"], Action = "SCMP_ACT_NOTIFY" }],
                    },
                },
            });
            await runtime.LogIsAsync("c", "mkdir: can't create directory '/tmp/x': No medium found\n");

            var message = JsonDocument.Parse((await agent.StandardOutput.ReadLineAsync())!).RootElement;
            var pid = (await runtime.StateAsync("c")).GetProperty("pid").GetInt32();
            Assert.Equal("seccompFd", Assert.Single(message.GetProperty("fds").EnumerateArray()).GetString());
            Assert.Equal((pid, "for the agent"), (message.GetProperty("pid").GetInt32(), message.GetProperty("metadata").GetString()));
            var state = message.GetProperty("state");
            Assert.Equal(("c", "creating", runtime.Path), (state.GetProperty("id").GetString(), state.GetProperty("status").GetString(), state.GetProperty("bundle").GetString()));

            Assert.Contains("No medium found", (await runtime.RunAsync("exec", "c", "mkdir", "/tmp/y")).Exited(1).Error, StringComparison.Ordinal);
            var second = JsonDocument.Parse((await agent.StandardOutput.ReadLineAsync())!).RootElement;
            Assert.NotEqual(pid, second.GetProperty("pid").GetInt32());
            Assert.Equal((pid, "running"), (second.GetProperty("state").GetProperty("pid").GetInt32(), second.GetProperty("state").GetProperty("status").GetString()));
        }
        finally
        {
            agent.Kill(entireProcessTree: true);
            await agent.WaitForExitAsync();
            agent.Dispose();
        }
    }

    [Fact]
    public async Task AnAgentThatIsNotThereIsNamed()
    {
        await using var runtime = OciRuntime.Of(OciRuntime.Ours);
        runtime.Configure("true", c => c with
        {
            Linux = c.Linux! with { Seccomp = new LinuxSeccomp { DefaultAction = "SCMP_ACT_ALLOW", ListenerPath = "/nonexistent/agent", Syscalls = [new LinuxSyscallRule { Names = ["mkdir"], Action = "SCMP_ACT_NOTIFY" }] } },
        });
        Assert.Contains("the seccomp agent cannot be reached at /nonexistent/agent (linux.seccomp.listenerPath): no such file or directory", (await runtime.RunAsync("run", "c")).Exited(1).Error, StringComparison.Ordinal);
    }
}
