using System.Text;

namespace Gantry.Tests.Unit.Compat;

/// <summary>Writes docs/compat.md: every operation of the Engine API and every field of it, with its state.</summary>
internal sealed class CompatPage
{
    private const string Nothing = "–";

    private readonly EngineApi _api = EngineApi.Load();
    private readonly CreateSamples _samples = new();
    private readonly FieldStates _fields;
    private readonly IReadOnlyDictionary<string, string> _operations;
    private readonly Dictionary<string, HandlerCode> _handlers = new(StringComparer.Ordinal);

    // Shapes of what works, by name, with the types that stand for them in requests and in answers.
    private readonly SortedDictionary<string, Type> _requests = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Type> _answers = new(StringComparer.Ordinal);

    private CompatPage(IReadOnlyDictionary<string, string> operations)
    {
        _operations = operations;
        _fields = new FieldStates(_api, _samples, Reasons);
        foreach (var (title, operation) in Served)
        {
            var handler = _handlers[title] = HandlerCode.Of(OperationStates.RouteOf(title)!);
            if (handler.Body is { } body)
                Pair(operation.Body, body, _requests);
            foreach (var answer in handler.Answers)
                Pair(operation.Answer, answer, _answers);
        }
    }

    public Reasons Reasons { get; } = new();

    /// <summary>Fields that a create body can have and that no sample is about; those that only the engine gives are not meant.</summary>
    public IEnumerable<string> WithoutSample =>
        from shape in _samples.Fields.Select(static f => f[..f.LastIndexOf('.')]).Distinct()
        where shape != "EndpointSettings"
        from name in _api.Shapes[shape].Keys
        where !_samples.Has($"{shape}.{name}")
        select $"{shape}.{name}";

    private IEnumerable<KeyValuePair<string, EngineApi.Operation>> Served => _api.Operations.Where(operation => _operations[operation.Key] == OperationStates.Works);

    public static async Task<CompatPage> MakeAsync() => new(await OperationStates.AskAsync(EngineApi.Load()));

    public string Write()
    {
        var page = new StringBuilder();
        page.Append("# Docker's Engine API, operation by operation\n\n");
        page.Append("Made by `tests/Unit/Compat` from Docker's OpenAPI file (API ").Append(_api.Version).Append(") and this engine's own code; a test fails when it is out of date.\n");
        page.Append("`GANTRY_WRITE_COMPAT=1 ./test.sh --unit` writes it anew.\n\n");
        page.Append("- **works**: the operation is served; the query parameter is read by its handler; the field is read from the body and used, or set in the answer.\n");
        page.Append("- **refused**: with the sentence that the client gets.\n");
        page.Append("- **left out**: for the reason that stands there.\n");
        page.Append("- **not yet**: an operation answers 501; a parameter or field is ignored, or always empty.\n\n");
        WriteOperations(page);
        WriteParameters(page);
        WriteShapes(page);
        WriteOthers(page);
        return page.ToString();
    }

    private void WriteOperations(StringBuilder page)
    {
        var states = _operations.Values.Select(static s => s.Split(':')[0]).CountBy(static s => s).OrderByDescending(static s => s.Value);
        page.Append("## Operations\n\n").Append(_operations.Count).Append(" operations: ").AppendJoin(", ", states.Select(static s => $"{s.Value} {s.Key}")).Append(".\n\n");
        Markdown.Head(page, "operation", "state");
        foreach (var (title, state) in _operations)
            Markdown.Row(page, $"`{title}`", state);
        page.Append('\n');
    }

    private void WriteParameters(StringBuilder page)
    {
        page.Append("## Parameters of the operations that work\n\n");
        Markdown.Head(page, "operation", "parameter", "type", "state");
        foreach (var (title, operation) in Served)
        {
            foreach (var (name, type) in operation.Query)
                Markdown.Row(page, $"`{title}`", $"`{name}`", type, StateOf(title, name, _handlers[title].Query.Contains(name)));
            foreach (var (name, type) in operation.Headers)
                Markdown.Row(page, $"`{title}`", $"`{name}` (header)", type, StateOf(title, name, name == "Content-type" || _handlers[title].Mentions(name)));
        }
        page.Append('\n');
    }

    private string StateOf(string title, string parameter, bool read) => read ? "works" : Reasons.Instead($"{title} {parameter}", "not yet: ignored");

    private void WriteShapes(StringBuilder page)
    {
        page.Append("## Fields of the operations that work\n\nA shape of the OpenAPI file that has no name is called by where it stands.\n\n");
        foreach (var shape in _requests.Keys.Union(_answers.Keys).Order(StringComparer.Ordinal))
        {
            page.Append("### ").Append(shape).Append("\n\n");
            Markdown.Head(page, "field", "type", "in requests", "in answers");
            foreach (var (field, type) in _api.Shapes[shape])
                Markdown.Row(page, $"`{field}`", $"`{type}`", RequestState(shape, field), AnswerState(shape, field));
            page.Append('\n');
        }
    }

    private string RequestState(string shape, string field)
    {
        if (!_requests.TryGetValue(shape, out var type))
            return Nothing;
        return shape == "EndpointSettings" && !_samples.Has($"{shape}.{field}") ? "given by the engine" : _fields.OfRequest(shape, type, field);
    }

    private string AnswerState(string shape, string field) =>
        _answers.TryGetValue(shape, out var type) ? _fields.OfAnswer(shape, type, field, IsEchoed(shape, field)) : Nothing;

    /// <summary>Whether a client sends the field and gets it back. The file has the create body's configuration as a part, without its name.</summary>
    private bool IsEchoed(string shape, string field) =>
        shape == "ContainerConfig" || (_requests.ContainsKey(shape) && (shape != "EndpointSettings" || _samples.Has($"{shape}.{field}")));

    private void WriteOthers(StringBuilder page)
    {
        page.Append("## Fields of the operations that do not work\n\nThey share the fate of their operations.\n\n");
        Markdown.Head(page, "shape", "fields");
        var others = _operations.Where(static o => o.Value != OperationStates.Works)
            .SelectMany(o => _api.Operations[o.Key].Answers.Values.Append(_api.Operations[o.Key].Body))
            .Concat(Served.SelectMany(static o => o.Value.Answers.Values.Append(o.Value.Body)))
            .SelectMany(_api.Reachable)
            .Where(shape => !_requests.ContainsKey(shape) && !_answers.ContainsKey(shape))
            .Distinct()
            .Order(StringComparer.Ordinal);
        foreach (var shape in others)
            Markdown.Row(page, shape, string.Join(", ", _api.Shapes[shape].Keys.Select(static f => $"`{f}`")));
    }

    /// <summary>Finds the types that stand for a shape and for those within it, side by side.</summary>
    private void Pair(string? shape, Type type, SortedDictionary<string, Type> pairs)
    {
        var name = EngineApi.ElementOf(shape ?? "");
        var element = WireShape.ElementOf(type);
        if (!_api.Shapes.TryGetValue(name, out var fields) || !pairs.TryAdd(name, element))
            return;
        foreach (var (field, fieldType) in fields)
        {
            if (WireShape.Member(element, field) is { } member)
                Pair(fieldType, member.PropertyType, pairs);
        }
    }
}
