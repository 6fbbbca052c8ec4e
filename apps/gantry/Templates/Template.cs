using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>A parsed <c>--format</c>.</summary>
internal sealed class Template
{
    private readonly IReadOnlyList<TemplateNode> _nodes;

    private Template(IReadOnlyList<TemplateNode> nodes) => _nodes = nodes;

    /// <summary>Parses.</summary>
    /// <exception cref="TemplateException">It is malformed.</exception>
    public static Template Parse(string text) => new(TemplateParser.Parse(text));

    /// <summary>Writes a value through the template.</summary>
    /// <exception cref="TemplateException">A field does not exist, a function fails.</exception>
    public string Execute(object? value)
    {
        var output = new StringBuilder();
        Execute(value, output);
        return output.ToString();
    }

    /// <summary>Appends a value's text to others'.</summary>
    /// <exception cref="TemplateException">A field does not exist, a function fails.</exception>
    public void Execute(object? value, StringBuilder output) => new TemplateInterpreter(value, output).Run(_nodes, value);

    /// <summary>Writes column titles through the template: functions that change a value leave a title alone.</summary>
    public string ExecuteForTitles(object? titles)
    {
        var output = new StringBuilder();
        new TemplateInterpreter(titles, output) { ForTitles = true }.Run(_nodes, titles);
        return output.ToString();
    }
}
