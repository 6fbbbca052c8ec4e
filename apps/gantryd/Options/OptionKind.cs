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

    /// <summary>Several resource limits: a flag <c>NAME=SOFT:HARD</c> given several times, an object of objects with Name, Soft and Hard in the file.</summary>
    Limits,

    /// <summary>Several address pools: a flag <c>base=CIDR,size=N</c> given several times, a list of objects with base and size in the file.</summary>
    Pools,

    /// <summary>Several switches: a flag <c>NAME[=true|false]</c> given several times, an object of booleans in the file.</summary>
    Features,

    /// <summary>An object with parts of its own: JSON as a flag too.</summary>
    Json,
}
