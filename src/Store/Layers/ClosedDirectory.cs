namespace Gantry.Store;

/// <summary>
/// Directories that hold what images and containers made, with set-id files of root among it: no user of the host may reach
/// those and run them.
/// </summary>
/// <remarks>Source: CVE-2021-41091, which was this in moby.</remarks>
internal static class ClosedDirectory
{
    /// <summary>Makes it, or closes it when it is there.</summary>
    public static void Ensure(string path)
    {
        const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path, OwnersAlone);
        File.SetUnixFileMode(path, OwnersAlone);
    }
}
