using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry tag</c>.</summary>
internal static class TagCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "tag",
        Usage = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        Summary = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
        Aliases = ["image tag", "tag"],
        Arity = Arity.Exactly(2),
        Names = Names.Images,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        if (!ImageReference.TryParse(invocation.Arguments[1], out var target) || target.Digest is not null)
            throw GantryException.Of(ErrorKind.Invalid, $"Error parsing reference: \"{invocation.Arguments[1]}\" is not a valid repository/tag: invalid reference format");
        var tagged = target.WithDefaultTag();
        invocation.Client.Images.Tag(invocation.Arguments[0], tagged.FamiliarName, tagged.Tag!);
        return ExitCodes.Success;
    }
}
