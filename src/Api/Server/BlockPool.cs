using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Gantry.Api.Server;

/// <summary>The memory that connections are read into and written from, in blocks of 64 KiB instead of Kestrel's 4.</summary>
/// <remarks>
/// Kestrel receives into one block at a time: archives, images and output would come in a system call for every 4 KiB. A block costs what is
/// used of it: nothing else of its pages is ever touched, and a connection that waits holds none. What is kept for the next request has an end.
/// </remarks>
internal sealed class BlockPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 64 << 10;
    private const int MostKept = 32;

    private readonly ConcurrentQueue<Block> _kept = new();

    public override int MaxBufferSize => BlockBytes;

    /// <summary>One pool for all that ask.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        return _kept.TryDequeue(out var block) ? block : new Block(this);
    }

    // Every transport disposes of what it takes for its own pool; the others go on.
    protected override void Dispose(bool disposing)
    {
    }

    private void GiveBack(Block block)
    {
        if (_kept.Count < MostKept)
            _kept.Enqueue(block);
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        public void Dispose() => pool.GiveBack(this);
    }
}
