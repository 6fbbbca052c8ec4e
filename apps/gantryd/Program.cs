using Gantry.Apps.Options;
using Gantry.Apps.Startup;
using Gantry.Kernel.Sys;

var (options, problems) = Read();
if (options.ShowHelp)
{
    Console.Write(OptionReader.Help());
    return 0;
}
if (options.ShowVersion)
{
    Console.WriteLine($"Gantry version {options.Engine.ProductVersion}");
    return 0;
}
foreach (var problem in problems)
    Console.Error.WriteLine($"gantryd: {problem}");
if (problems.Count > 0)
    return 1;
if (options.Validate)
{
    Console.WriteLine("configuration OK");
    return 0;
}
if (Processes.EffectiveUserId != 0)
{
    Console.Error.WriteLine("gantryd: it makes namespaces, mounts and network rules, for which it must be root; type: sudo gantryd");
    return 1;
}
return await Daemon.RunAsync(options, Read, TimeProvider.System);

(DaemonOptions Options, IReadOnlyList<string> Problems) Read()
{
    var read = OptionReader.Read(args, static path => File.Exists(path) ? File.ReadAllText(path) : null, Path.Combine(AppContext.BaseDirectory, "gantry-runtime"), out var found);
    return (read, found);
}
