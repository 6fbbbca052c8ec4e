using Gantry.Cli.Flags;
using Gantry.Client;

namespace Gantry.Cli.Commands;

/// <summary>A command with its flags and arguments, and what it talks to.</summary>
internal sealed record Invocation(CommandContext Context, string Path, FlagValues Flags, IReadOnlyList<string> Arguments)
{
    /// <summary>The engine.</summary>
    public EngineClient Client => Context.Client;

    /// <summary>Standard output.</summary>
    public Output.TextOutput Out => Context.Out;

    /// <summary>Standard error.</summary>
    public Output.TextOutput Error => Context.Error;

    /// <summary>How many arguments are worked on at a time where order does not matter, as with Docker's client.</summary>
    private const int MostAtATime = 50;

    /// <summary>Does something to each argument, prints the ones that succeeded, collects the errors.</summary>
    /// <param name="action">What to do to one.</param>
    /// <param name="echo">Whether a name is printed when it was done.</param>
    public int ForEach(Action<string> action, bool echo = true) => Report(Arguments.Select(argument => (argument, Try(action, argument))), echo);

    /// <summary>The same for many at a time: each may take as long as a container takes to end.</summary>
    public int ForEachAtOnce(Action<string> action)
    {
        if (Arguments.Count == 1)
            return ForEach(action);
        var errors = new string?[Arguments.Count];
        Exception? failure = null;
        using var turns = new SemaphoreSlim(MostAtATime);
        List<Thread> threads = [];
        for (var i = 0; i < Arguments.Count; i++)
        {
            var index = i;
            turns.Wait();
            var thread = new Thread(() =>
            {
                try
                {
                    errors[index] = Try(action, Arguments[index]);
                }
                catch (Exception e) when (e is Model.GantryException or IOException)
                {
                    failure = e; // no engine, or one that went away: the same for all of them
                }
                finally
                {
                    turns.Release();
                }
            }) { IsBackground = true, Name = Arguments[index] };
            thread.Start();
            threads.Add(thread);
        }
        foreach (var thread in threads)
            thread.Join();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return Report(Arguments.Zip(errors), echo: true);
    }

    /// <summary>What went wrong; null: nothing.</summary>
    private static string? Try(Action<string> action, string argument)
    {
        try
        {
            action(argument);
            return null;
        }
        catch (Model.GantryException e) when (e.Kind != Model.ErrorKind.Unavailable || e.Message.StartsWith("Error response", StringComparison.Ordinal))
        {
            return e.Message;
        }
    }

    private int Report(IEnumerable<(string Argument, string? Error)> results, bool echo)
    {
        var errors = new List<string>();
        foreach (var (argument, error) in results)
        {
            if (error is not null)
                errors.Add(error);
            else if (echo)
                Out.WriteLine(argument);
        }
        Out.Flush();
        foreach (var error in errors)
            Error.WriteLine(error);
        return errors.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }
}
