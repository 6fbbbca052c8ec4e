using System.Net;
using System.Text;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.System.Images;

/// <summary>Credentials tried on a registry that asks for them in either of the ways that registries have.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private static readonly string s_basic = "Basic " + Convert.ToBase64String("me:secret"u8);

    private readonly FakeRegistry _registry = new();
    private readonly ImageFixture _local = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _local.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task ByName()
    {
        _registry.Intercept = context => Guard(context, s_basic, "Basic realm=\"x\"");
        await LoginAsync("secret");
        await RefusedAsync("wrong", $"login attempt to http://127.0.0.1:{_registry.Port}/v2/ failed with status: 401 Unauthorized");
    }

    [Fact]
    public async Task ByTokenServer()
    {
        _registry.Intercept = context => context.Request.Url!.AbsolutePath == "/token"
            ? Answer(context, context.Request.Headers["Authorization"] == s_basic ? 200 : 401, """{"token":"abc"}""")
            : Guard(context, "Bearer abc", $"Bearer realm=\"{_registry.Url}/token\",service=\"x\"");
        await LoginAsync("secret");
        Assert.Contains(_registry.Seen, seen => seen.StartsWith("/token?service=x&account=me ", StringComparison.Ordinal));
        await RefusedAsync("wrong", "unauthorized: incorrect username or password");
    }

    [Fact]
    public async Task ARegistryThatAsksForNothingTakesAnything()
    {
        _registry.Intercept = context => Answer(context, 200, "{}");
        await LoginAsync("secret");
    }

    [Fact]
    public async Task WhatIsNoRegistrySaysSo()
    {
        _registry.Intercept = context => Answer(context, 404, "nothing here");
        var refused = await Assert.ThrowsAsync<GantryException>(() => LoginAsync("secret"));
        Assert.Equal((ErrorKind.Unavailable, $"login attempt to http://127.0.0.1:{_registry.Port}/v2/ failed with status: 404 Not Found"), (refused.Kind, refused.Message));
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<GantryException>(() => LoginAsync("secret", "not a host"))).Kind);
    }

    private async Task RefusedAsync(string password, string message)
    {
        var refused = await Assert.ThrowsAsync<GantryException>(() => LoginAsync(password));
        Assert.Equal(ErrorKind.Unauthenticated, refused.Kind);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(password, refused.Message, StringComparison.Ordinal);
    }

    private Task LoginAsync(string password, string? address = null) =>
        _local.Images.LoginAsync(new AuthConfig { Username = "me", Password = password, ServerAddress = address ?? $"127.0.0.1:{_registry.Port}" }, CancellationToken.None);

    private static bool Guard(HttpListenerContext context, string authorization, string challenge)
    {
        if (context.Request.Headers["Authorization"] == authorization)
            return Answer(context, 200, "{}");
        context.Response.Headers["WWW-Authenticate"] = challenge;
        return Answer(context, 401, "{}");
    }

    private static bool Answer(HttpListenerContext context, int status, string body)
    {
        FakeRegistry.Answer(context, status, Encoding.UTF8.GetBytes(body), "application/json");
        return true;
    }
}
