using Gantry.Apps.GantryRuntime;
using Gantry.Runtime.Monitor;

// First, and before anything is loaded that only the command line needs: the engine starts many of these.
if (args is ["monitor", .. var rest])
    return MonitorProcess.Run(rest);
return CommandLine.Run(args);
