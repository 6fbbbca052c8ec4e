namespace Gantry.Store;

/// <summary>Makes a value of a row.</summary>
public delegate T RowReader<out T>(Row row);
