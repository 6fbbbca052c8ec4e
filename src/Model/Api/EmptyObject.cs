namespace Gantry.Model.Api;

/// <summary>The <c>{}</c> that the Engine API uses as the value of a set, as in <c>ExposedPorts</c>.</summary>
public sealed record EmptyObject;
