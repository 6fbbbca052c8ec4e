using System.Text.Json;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Recipes as they are kept: <c>{"v":1,"steps":[{name,key,traits:{},inputs:[{name,digest,image,files:[path,mark,…]}]}]}</c>.</summary>
internal static class RecipeJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<StepRecipe> recipes)
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteStartArray("steps");
        foreach (var recipe in recipes)
        {
            json.WriteStartObject();
            json.WriteString("name", recipe.Name);
            json.WriteString("key", recipe.Key.ToString());
            json.WriteStartObject("traits");
            foreach (var (name, value) in recipe.Traits)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartArray("inputs");
            foreach (var input in recipe.Inputs)
                Write(json, input);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static StepRecipe Read(JsonElement recipe) => new()
    {
        Name = recipe.GetProperty("name").GetString()!,
        Key = Digest.Parse(recipe.GetProperty("key").GetString()!),
        Traits = recipe.GetProperty("traits").EnumerateObject().ToDictionary(static trait => trait.Name, static trait => trait.Value.GetString()!, StringComparer.Ordinal),
        Inputs =
        [
            .. recipe.GetProperty("inputs").EnumerateArray().Select(static input => new RecipeInput
            {
                Name = input.GetProperty("name").GetString()!,
                Digest = input.TryGetProperty("digest", out var digest) ? Digest.Parse(digest.GetString()!) : null,
                IsImage = input.TryGetProperty("image", out _),
                Files = input.TryGetProperty("files", out var files) ? Files(files) : null,
            }),
        ],
    };

    private static void Write(Utf8JsonWriter json, RecipeInput input)
    {
        json.WriteStartObject();
        json.WriteString("name", input.Name);
        if (input.Digest is { } digest)
            json.WriteString("digest", digest.ToString());
        if (input.IsImage)
            json.WriteBoolean("image", true);
        if (input.Files is { } files)
        {
            json.WriteStartArray("files");
            foreach (var file in files)
            {
                json.WriteStringValue(file.Path);
                json.WriteNumberValue(file.Mark);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static List<FileMark> Files(JsonElement files)
    {
        var marks = new List<FileMark>(files.GetArrayLength() / 2);
        string? path = null;
        foreach (var element in files.EnumerateArray())
        {
            if (path is null)
            {
                path = element.GetString()!;
                continue;
            }

            marks.Add(new(path, element.GetInt64()));
            path = null;
        }

        return marks;
    }
}
