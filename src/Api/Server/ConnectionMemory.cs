using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Gantry.Api.Server;

/// <summary>
/// The memory of connections' buffers, in larger blocks than the 4 KiB of Kestrel's own: each block is a call to the kernel,
/// and clients send gigabytes (contexts, images, files).
/// </summary>
/// <remarks>A connection that waits holds none: Kestrel takes a block when there is something to read.</remarks>
internal sealed class ConnectionMemory : IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 64 << 10;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Blocks();

    private sealed class Blocks : MemoryPool<byte>
    {
        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockBytes));

        protected override void Dispose(bool disposing)
        {
            // What was rented goes back to the shared pool.
        }
    }
}
