using Gantry.Engine.Operations;
using Gantry.Model.Api;

namespace Gantry.Engine.Volumes;

/// <summary>Everything a client can do with volumes.</summary>
public sealed class VolumeOperations
{
    public Task<VolumeListResponse> ListAsync(Filters filters, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VolumeResource> CreateAsync(VolumeCreateRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VolumeResource> InspectAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveAsync(string name, bool force, CancellationToken cancellationToken) => throw new NotSupportedException();
}
