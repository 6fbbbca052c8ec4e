using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.43 lists images without a name with no name.</summary>
/// <remarks>Mirrors moby v24: <c>&lt;none&gt;:&lt;none&gt;</c> and <c>&lt;none&gt;@&lt;none&gt;</c> in their place before.</remarks>
internal static class V142To143
{
    public static void NameTheNameless(JsonObject image)
    {
        if (image["RepoTags"] is JsonArray { Count: > 0 } || image["RepoDigests"] is JsonArray { Count: > 0 })
            return;
        image["RepoTags"] = new JsonArray("<none>:<none>");
        image["RepoDigests"] = new JsonArray("<none>@<none>");
    }
}
