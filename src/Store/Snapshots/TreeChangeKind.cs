namespace Gantry.Store;

/// <summary>What was done; the numbers are those of the Engine API.</summary>
public enum TreeChangeKind
{
    Modified = 0,
    Added = 1,
    Deleted = 2,
}
