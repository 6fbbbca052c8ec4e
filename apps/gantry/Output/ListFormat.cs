using Gantry.Cli.Flags;
using Gantry.Cli.Templates;
using System.Text;

namespace Gantry.Cli.Output;

/// <summary>Prints rows as <c>--format</c> says: a table, a template, <c>json</c>.</summary>
/// <remarks>Source: docs.docker.com "Format command and log output".</remarks>
internal sealed class ListFormat(string typeName, string defaultTable, IReadOnlyDictionary<string, string> titles)
{
    /// <summary>Prints the rows.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="format">From the flag or the configuration file; empty: the default table.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="FlagException">The template cannot be parsed or fails.</exception>
    public void Print(TextOutput output, string format, IReadOnlyList<ITemplateFields> rows)
    {
        if (format == "json")
        {
            foreach (var row in rows)
                output.WriteLine(JsonText.Escaped(row));
            return;
        }
        var isTable = format.Length == 0 || format == "table" || format.StartsWith("table ", StringComparison.Ordinal);
        var text = format is "" or "table" ? defaultTable : isTable ? format[6..].Trim() : format;
        text = text.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        var template = Parse(text);
        var columns = new ColumnWriter();
        var line = new StringBuilder();
        try
        {
            if (isTable)
                columns.Line(template.ExecuteForTitles(new HeaderFields(typeName, titles)));
            foreach (var row in rows)
            {
                template.Execute(row, line.Clear());
                if (isTable)
                    columns.Line(line.ToString());
                else
                    output.WriteLine(line.ToString());
            }
        }
        catch (TemplateException e)
        {
            throw new FlagException($"failed to execute template: {e.Message}");
        }
        columns.WriteTo(output);
    }

    private static Template Parse(string text)
    {
        try
        {
            return Template.Parse(text);
        }
        catch (TemplateException e)
        {
            throw new FlagException($"failed to parse template: {e.Message}");
        }
    }
}
