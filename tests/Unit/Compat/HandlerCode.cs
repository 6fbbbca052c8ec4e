using System.Reflection;
using Gantry.Api;
using Gantry.Api.Routing;

namespace Gantry.Tests.Unit.Compat;

/// <summary>What a route's handler reads and writes, found in its compiled code: that cannot differ from what it does.</summary>
internal sealed class HandlerCode
{
    private readonly HashSet<string> _strings = new(StringComparer.Ordinal);
    private readonly HashSet<string> _query = new(StringComparer.Ordinal);
    private readonly List<Type> _answers = [];

    private HandlerCode(MethodBase handler)
    {
        var seen = new HashSet<MethodBase>();
        var waiting = new Queue<MethodBase>([handler]);
        while (waiting.TryDequeue(out var method))
        {
            if (!seen.Add(method))
                continue;
            foreach (var called in Read(method))
            {
                if (called.DeclaringType?.Assembly == typeof(Routes).Assembly)
                    waiting.Enqueue(called);
            }
        }
    }

    /// <summary>The names of the query parameters that it asks for.</summary>
    public IReadOnlySet<string> Query => _query;

    /// <summary>The shape of the JSON body that it reads; null when it reads none.</summary>
    public Type? Body { get; private set; }

    /// <summary>The shapes that it answers with.</summary>
    public IReadOnlyList<Type> Answers => _answers;

    public static HandlerCode Of(Route route) => new(route.Handler.Method);

    /// <summary>Whether it names something, such as a header.</summary>
    public bool Mentions(string text) => _strings.Contains(text);

    private List<MethodBase> Read(MethodBase method)
    {
        var calls = new List<MethodBase>();
        var arguments = new List<string>(); // strings that no call has taken yet
        foreach (var step in Instructions.Of(method))
        {
            if (step is string text)
            {
                _strings.Add(text);
                arguments.Add(text);
                continue;
            }
            var called = (MethodBase)step;
            calls.Add(called);
            Note(called);
            if (called.DeclaringType == typeof(Query) || called.GetParameters().Any(static p => p.ParameterType == typeof(Query)))
                _query.UnionWith(arguments);
            else if (!called.GetParameters().Any(static p => p.ParameterType == typeof(string)))
                continue;
            arguments.Clear();
        }
        return calls;
    }

    private void Note(MethodBase called)
    {
        if (!called.IsGenericMethod || called.GetGenericArguments() is not [{ IsGenericParameter: false } shape])
            return;
        switch (called.Name)
        {
            case nameof(Exchange.ReadJsonAsync):
                Body = shape;
                break;
            case nameof(Exchange.WriteJsonAsync) or nameof(Exchange.Encode) or nameof(Gantry.Api.Streams.JsonLines.WriteAsync) when called.DeclaringType?.Assembly == typeof(Routes).Assembly:
                _answers.Add(shape);
                break;
        }
    }
}
