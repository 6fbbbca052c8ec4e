namespace Gantry.Cli.Templates;

/// <summary>A template that cannot be parsed, or fails on the values it is given; in the words of Go's text/template.</summary>
internal sealed class TemplateException(string message) : Exception(message);
