using Gantry.Kernel.Sys;
using Gantry.Runtime.Relays;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Relays;

public sealed class RelayedDirectionTests
{
    /// <summary>The end is passed on, however many blocks came before it: the loop is not told of it again.</summary>
    [Fact]
    public void TheEndIsPassedOnWhereverItComes()
    {
        var block = new byte[RelayedDirection.BlockBytes];
        for (var blocks = 0; blocks <= 9; blocks++)
        {
            var (sender, from) = Sockets.OpenPair();
            var (to, receiver) = Sockets.OpenPair();
            using (sender)
            using (from)
            using (to)
            using (receiver)
            {
                var direction = new RelayedDirection(from, to);
                var received = 0;
                for (var i = 0; i < blocks; i++)
                    Assert.Equal(block.Length, Sockets.TrySend(sender, block));
                Sockets.ShutdownWrite(sender);
                while (direction.WantsToRead || direction.WantsToWrite)
                {
                    Assert.True(direction.Pump(block));
                    while (Sockets.TryReceive(receiver, block) is var count and > 0)
                        received += count;
                }
                Assert.True(direction.IsDone);
                Assert.Equal(blocks * block.Length, received);
                Assert.Equal(0, Sockets.TryReceive(receiver, block));
            }
        }
    }
}
