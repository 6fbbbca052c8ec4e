namespace Gantry.Model;

/// <summary>What kind of failure an error is: the closed list that each wire maps to its own codes.</summary>
public enum ErrorKind
{
    /// <summary>The request makes no sense as it is.</summary>
    Invalid,

    /// <summary>The object named does not exist.</summary>
    NotFound,

    /// <summary>An object of that name exists.</summary>
    AlreadyExists,

    /// <summary>The object's present state forbids the operation.</summary>
    Conflict,

    /// <summary>The object already is as asked.</summary>
    NotModified,

    /// <summary>Credentials are missing or wrong.</summary>
    Unauthenticated,

    /// <summary>The caller may not do this.</summary>
    Forbidden,

    /// <summary>A resource ran out: disk, memory, addresses, ports.</summary>
    Exhausted,

    /// <summary>A peer or subsystem is not there at present.</summary>
    Unavailable,

    /// <summary>A deadline passed.</summary>
    TimedOut,

    /// <summary>This engine, or this kernel, cannot do it.</summary>
    NotSupported,

    /// <summary>A fault of ours.</summary>
    Internal,
}
