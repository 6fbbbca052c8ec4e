using Gantry.Cli.Config;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry logout</c>: forgets a registry's credentials.</summary>
internal static class LogoutCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "logout",
        Usage = "[SERVER]",
        Summary = "Log out from a registry",
        Aliases = ["logout"],
        Arity = Arity.Between(0, 1),
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var server = CredentialStore.KeyOf(invocation.Arguments.Count > 0 ? invocation.Arguments[0] : null);
        invocation.Out.WriteLine($"Removing login credentials for {server}");
        try
        {
            new CredentialStore(invocation.Context.Config).Erase(server);
        }
        catch (GantryException kept)
        {
            invocation.Out.Flush();
            invocation.Error.WriteLine($"WARNING: could not erase credentials:\n{server}: {kept.Message}");
            return ExitCodes.Failure;
        }
        return ExitCodes.Success;
    }
}
