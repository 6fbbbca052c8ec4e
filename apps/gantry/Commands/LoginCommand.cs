using Gantry.Cli.Config;
using Gantry.Cli.Flags;
using Gantry.Cli.Terminal;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using System.Text;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry login</c>: has the engine try credentials, and keeps them where Docker's client looks for them.</summary>
internal static class LoginCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "login",
        Usage = "[OPTIONS] [SERVER]",
        Summary = "Authenticate to a registry",
        Aliases = ["login"],
        Arity = Arity.Between(0, 1),
        Flags = static () =>
        [
            new("password", FlagKind.Text, "Password or Personal Access Token (PAT)", 'p'),
            new("password-stdin", FlagKind.Bool, "Take the Password or Personal Access Token (PAT) from stdin"),
            new("username", FlagKind.Text, "Username", 'u'),
        ],
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var server = CredentialStore.KeyOf(invocation.Arguments.Count > 0 ? invocation.Arguments[0] : null);
        var (user, password) = Given(invocation);
        if (user.Length == 0 && password.Length == 0 && TryKnown(invocation, server))
            return ExitCodes.Success;
        (user, password) = Ask(invocation, user, password);
        Check(invocation, server, user, password);
        return ExitCodes.Success;
    }

    private static (string User, string Password) Given(Invocation invocation)
    {
        var flags = invocation.Flags;
        var (user, password) = (flags.Text("username").Trim(), flags.Text("password"));
        if (!flags.Bool("password-stdin"))
        {
            if (password.Length > 0)
                invocation.Error.WriteLine("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
            return (user, password);
        }
        if (password.Length > 0)
            throw new FlagException("conflicting options: cannot specify both --password and --password-stdin");
        if (user.Length == 0)
            throw new FlagException("the --password-stdin option requires --username to be set");
        using var input = new StreamReader(DescriptorStream.Standard(0), Encoding.UTF8);
        var typed = input.ReadToEnd();
        return (user, typed.EndsWith("\r\n", StringComparison.Ordinal) ? typed[..^2] : typed.TrimEnd('\n'));
    }

    /// <summary>Tries what was kept before; false: there is nothing, or it is no longer good.</summary>
    private static bool TryKnown(Invocation invocation, string server)
    {
        if (Credentials.Find(invocation.Context.Config, server) is not { } known)
            return false;
        invocation.Error.Write($"Authenticating with existing credentials...{(known.User.Length > 0 ? $" [Username: {known.User}]" : "")}\n\n Info -> To login with a different account, run 'gantry logout' followed by 'gantry login'\n\n\n");
        try
        {
            invocation.Client.System.Authenticate(server, known.User, known.Password, known.Token);
        }
        catch (GantryException refused) when (refused.Kind == ErrorKind.Unauthenticated)
        {
            invocation.Error.WriteLine($"Login did not succeed, error: {refused.Message}");
            return false;
        }
        invocation.Out.WriteLine("Login Succeeded");
        return true;
    }

    private static (string User, string Password) Ask(Invocation invocation, string user, string password)
    {
        if (user.Length > 0 && password.Length > 0)
            return (user, password);
        if (!Terminals.IsTerminal(0))
            throw new FlagException("Error: Cannot perform an interactive login from a non TTY device");
        if (user.Length == 0)
            user = Prompt.Line(invocation.Out, "Username: ").Trim();
        if (user.Length == 0)
            throw new FlagException("Error: Non-null Username Required");
        if (password.Length == 0)
            password = Prompt.Secret(invocation.Out, "Password: ");
        return password.Length > 0 ? (user, password) : throw new FlagException("Error: Password Required");
    }

    private static void Check(Invocation invocation, string server, string user, string password)
    {
        var (status, token) = invocation.Client.System.Authenticate(server, user, password, null);
        if (new CredentialStore(invocation.Context.Config).Store(server, user, token is null ? password : "", token) is { } file)
            invocation.Error.Write($"\nWARNING! Your credentials are stored unencrypted in '{file}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n");
        if (status.Length > 0)
            invocation.Out.WriteLine(status);
    }
}
