using Gantry.Model;

namespace Gantry.Build;

/// <summary>Gives failures the lines that they come from.</summary>
internal static class Located
{
    /// <summary>Does something for some lines of the file.</summary>
    public static void Do(SourceLines lines, CompileContext context, Action action) => _ = Do(lines, context, () =>
    {
        action();
        return true;
    });

    /// <inheritdoc cref="Do(SourceLines, CompileContext, Action)"/>
    public static T Do<T>(SourceLines lines, CompileContext context, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (GantryException failure)
        {
            throw Of(failure, lines, context);
        }
    }

    /// <summary>The same failure with its lines; one that has some keeps them.</summary>
    public static GantryException Of(GantryException failure, SourceLines lines, CompileContext context) => failure.InnerException is DockerfileException
        ? failure
        : GantryException.Of(failure.Kind, failure.Message, failure.Launch, new DockerfileException(lines, failure.InnerException ?? failure) { Warnings = context.Report.Warnings });

    /// <summary>A failure that says what is wrong in some lines.</summary>
    public static GantryException Invalid(string message, SourceLines lines, CompileContext context) =>
        Of(GantryException.Of(ErrorKind.Invalid, message), lines, context);
}
