namespace Gantry.Store;

/// <summary>One numbered step of a room's tables. Once released, a step never changes; a new step follows it.</summary>
/// <param name="Room">Whose tables, as in <c>store</c>.</param>
/// <param name="Number">From 1, without gaps within the room.</param>
/// <param name="Sql">The statements, run inside one transaction.</param>
public sealed record Migration(string Room, int Number, string Sql);
