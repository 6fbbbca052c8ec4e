namespace Gantry.Tests.Support;

/// <summary>Where things are in the checkout that the tests run from.</summary>
public static class Repository
{
    /// <summary>The checkout's root: the folder that holds Gantry.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The published programs.</summary>
    public static string Programs => Path.Combine(Root, "artifacts", "bin");

    /// <summary>The path of a published program.</summary>
    public static string Program(string name)
    {
        var path = Path.Combine(Programs, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not there: run ./test.sh, which publishes it, or ./gantry version");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gantry.slnx")))
                return folder.FullName;
        throw new DirectoryNotFoundException("the tests run from inside a checkout");
    }
}
