using Gantry.Runtime.Monitor;

if (args is ["monitor", .. var rest])
    return MonitorProcess.Run(rest);
Console.Error.WriteLine("usage: gantry-runtime COMMAND");
return 2;
