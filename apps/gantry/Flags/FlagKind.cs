namespace Gantry.Cli.Flags;

/// <summary>What a flag's value is: how it is checked, what help calls it, and whether it may be given more than once.</summary>
internal enum FlagKind
{
    Bool,
    Text,
    Int,
    Uint,
    Uint16,
    Bytes,
    Decimal,
    Duration,
    List,
    Map,
    Filter,
    Mount,
    Network,
    Ulimit,
    GpuRequest,
    Strings,
    StringToString,
}
