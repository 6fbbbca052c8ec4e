using System.Reflection;

namespace Gantry.Tests.Unit.Compat;

/// <summary>What becomes of each field of a shape, as part of a request and as part of an answer.</summary>
internal sealed class FieldStates(EngineApi api, CreateSamples samples, Reasons reasons)
{
    private readonly MemberUse _use = new();

    /// <summary>The state of a field that a client sends.</summary>
    /// <param name="shape">The shape's name in the OpenAPI file.</param>
    /// <param name="type">The type that stands for it.</param>
    /// <param name="field">The field's name.</param>
    public string OfRequest(string shape, Type type, string field)
    {
        var described = shape == "POST /containers/create body" && api.Shapes["ContainerConfig"].ContainsKey(field) ? "ContainerConfig" : shape;
        if (samples.Has($"{described}.{field}") && samples.Refusal($"{described}.{field}") is { } sentence)
            return $"refused: {Markdown.Text(sentence)}";
        if (!WireShape.Carries(api, type, field, api.Shapes[shape][field]))
            return reasons.Instead($"request {shape}.{field}", "not yet: ignored");
        return WireShape.Member(type, field) is { } member && _use.IsRead(member) ? "works" : reasons.Instead($"request {shape}.{field}", "not yet: kept and shown, without effect");
    }

    /// <summary>The state of a field that the engine answers with.</summary>
    /// <param name="echoed">Whether a client can send the shape: it comes back as it was sent.</param>
    public string OfAnswer(string shape, Type type, string field, bool echoed)
    {
        if (!WireShape.Carries(api, type, field, api.Shapes[shape][field]))
            return reasons.Instead($"answer {shape}.{field}", "not yet");
        return echoed || (WireShape.Member(type, field) is { } member && _use.IsSet(member)) ? "works" : reasons.Instead($"answer {shape}.{field}", "not yet: always empty");
    }
}
