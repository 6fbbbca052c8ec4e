using Gantry.Cli.Flags;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>A <c>--format</c> for single objects, with Docker's words around template errors.</summary>
internal static class ParsedFormat
{
    /// <summary>Parses.</summary>
    /// <exception cref="FlagException">It is malformed.</exception>
    public static Template Parse(string format)
    {
        try
        {
            return Template.Parse(format);
        }
        catch (TemplateException e)
        {
            throw new FlagException($"template parsing error: {e.Message}") { ExitCode = ExitCodes.BadTemplate };
        }
    }

    /// <summary>Runs.</summary>
    /// <exception cref="FlagException">A field does not exist, a function fails.</exception>
    public static string Execute(Template template, object? value)
    {
        try
        {
            return template.Execute(value);
        }
        catch (TemplateException e)
        {
            throw new FlagException(e.Message);
        }
    }
}
