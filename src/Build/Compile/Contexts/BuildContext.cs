using Gantry.Model;

namespace Gantry.Build;

/// <summary>The build's own context.</summary>
internal static class BuildContext
{
    /// <summary>The place of the context's files in a step's inputs; notes that a path of them is used.</summary>
    /// <param name="path">From the context's root; may have wildcards.</param>
    /// <exception cref="GantryException">Invalid: the context is a repository that cannot be named so.</exception>
    public static int Input(CompileContext context, string path, StepInputs inputs)
    {
        var location = context.Build.Context;
        var keepGit = context.FindArgument("BUILDKIT_CONTEXT_KEEP_GIT_DIR") is { } text ? GoText.FindBool(text) : null;
        var git = GitReference.Find(location) is not null;
        if (RemoteContext.Find(location, git ? "[internal] load git source " + location : "[internal] load remote build context", null, keepGit) is { } remote)
            return inputs.Add(!git && context.Spec.ContextIsArchive ? RemoteContext.Unpack(remote) : remote);
        context.UseOf(location).Add(path);
        return inputs.Add(context.Directory(location, "[internal] load build context"));
    }
}
