namespace Gantry.Apps.Options;

/// <summary>What an option's value is.</summary>
internal enum OptionKind
{
    /// <summary>One text.</summary>
    Text,

    /// <summary>True or false; a flag without a value is true.</summary>
    Flag,

    /// <summary>A whole number that is not negative.</summary>
    Number,

    /// <summary>Several texts: a flag given several times, a list in the file.</summary>
    List,

    /// <summary>Several <c>key=value</c>: a flag given several times, an object in the file.</summary>
    Map,
}
