using System.Reflection;
using System.Text.Json.Serialization;
using Gantry.Api;
using Gantry.Api.Volumes;
using Gantry.Engine;
using Gantry.Engine.Containers;
using Gantry.Engine.Planning;
using Gantry.Model.Api;
using Gantry.Network.Ports;

namespace Gantry.Tests.Unit.Compat;

/// <summary>Which members of the wire's shapes the engine's code reads and sets, found in the compiled rooms.</summary>
internal sealed class MemberUse
{
    private readonly HashSet<(Type, string)> _read = [];
    private readonly HashSet<(Type, string)> _set = [];

    // What these read they check, complete, refuse or show: it has no effect on a container by that.
    private static readonly HashSet<Type> _withoutEffect =
    [
        typeof(CreateValidator), typeof(UnsupportedChecks), typeof(UnkeptLimits), typeof(ResourceChecks), typeof(NamespaceChecks), typeof(SysctlChecks),
        typeof(SpecDefaults), typeof(ConfigMerge), typeof(ContainerView), typeof(VolumeHandlers),
    ];

    public MemberUse()
    {
        foreach (var method in new[] { typeof(Routes).Assembly, typeof(GantryEngine).Assembly, typeof(PortRequest).Assembly }.SelectMany(Instructions.MethodsOf).Where(static m => !IsGenerated(m)))
        {
            foreach (var called in Instructions.Of(method).OfType<MethodBase>())
            {
                if (called.DeclaringType is not { } type || type.Assembly != typeof(ApiJson).Assembly)
                    continue;
                if (called.Name.StartsWith("get_", StringComparison.Ordinal) && !HasNoEffect(method.DeclaringType))
                    _read.Add((type, called.Name[4..]));
                else if (called.Name.StartsWith("set_", StringComparison.Ordinal))
                    _set.Add((type, called.Name[4..]));
                else if (called.IsConstructor)
                    _set.UnionWith(called.GetParameters().Select(p => (type, p.Name!)));
            }
        }
    }

    // The compiler's own types, of lambdas and the like, stand within.
    private static bool HasNoEffect(Type? type) => type is not null && (_withoutEffect.Contains(type) || HasNoEffect(type.DeclaringType));

    // What the source generator makes touches every member, to keep it in a file.
    private static bool IsGenerated(MethodBase method)
    {
        var type = method.DeclaringType;
        while (type?.DeclaringType is { } outer)
            type = outer;
        return typeof(JsonSerializerContext).IsAssignableFrom(type);
    }

    /// <summary>Whether anything looks at the member: one that nobody looks at has no effect.</summary>
    public bool IsRead(PropertyInfo member) => _read.Contains((member.DeclaringType!, member.Name));

    /// <summary>Whether anything gives the member a value.</summary>
    public bool IsSet(PropertyInfo member) => _set.Contains((member.DeclaringType!, member.Name));
}
