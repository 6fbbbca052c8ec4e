using Gantry.Cli.Config;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry pull</c>.</summary>
internal static class PullCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "pull",
        Usage = "[OPTIONS] NAME[:TAG|@DIGEST]",
        Summary = "Download an image from a registry",
        Aliases = ["image pull", "pull"],
        Arity = Arity.Exactly(1),
        Names = Names.Images,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var reference = ImageReference.Parse(invocation.Arguments[0]);
        var all = flags.Bool("all-tags");
        if (all && (reference.Tag is not null || reference.Digest is not null))
            throw new FlagException("tag can't be used with --all-tags/-a");
        if (!all && reference.Tag is null && reference.Digest is null)
        {
            reference = reference.WithDefaultTag();
            if (!flags.Bool("quiet"))
                invocation.Out.WriteLine($"Using default tag: {reference.Tag}");
        }
        Pull(invocation.Context, reference, flags.Text("platform"), invocation.Out, flags.Bool("quiet"));
        invocation.Out.WriteLine(reference.ToString());
        return ExitCodes.Success;
    }

    /// <summary>Pulls an image and shows the progress.</summary>
    internal static void Pull(CommandContext context, ImageReference reference, string platform, TextOutput output, bool quiet)
    {
        var auth = Credentials.HeaderFor(context.Config, reference.Domain);
        var objects = context.Client.Images.Pull(reference.FamiliarName, reference.Digest?.ToString() ?? reference.Tag, platform, auth);
        if (quiet)
            ProgressDisplay.Drain(objects);
        else
            new ProgressDisplay(output, Terminals.IsTerminal(output == context.Error ? 2 : 1)).Show(objects);
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("all-tags", FlagKind.Bool, "Download all tagged images in the repository", 'a'),
        new("disable-content-trust", FlagKind.Bool, "Skip image verification (default true)", Default: "true"),
        new("platform", FlagKind.Text, "Set platform if server is multi-platform capable"),
        new("quiet", FlagKind.Bool, "Suppress verbose output", 'q'),
    ];
}
