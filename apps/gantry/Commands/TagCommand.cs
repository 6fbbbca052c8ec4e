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
        var tagged = Target(invocation.Arguments[1]).WithDefaultTag();
        invocation.Client.Images.Tag(invocation.Arguments[0], tagged.FamiliarName, tagged.Tag!);
        return ExitCodes.Success;
    }

    private static ImageReference Target(string name)
    {
        try
        {
            var target = ImageReference.Parse(name);
            return target.Digest is null ? target : throw GantryException.Of(ErrorKind.Invalid, "refusing to create a tag with a digest reference");
        }
        catch (GantryException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"Error parsing reference: \"{name}\" is not a valid repository/tag: {e.Message}");
        }
    }
}
