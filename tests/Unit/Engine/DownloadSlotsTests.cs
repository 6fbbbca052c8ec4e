using Gantry.Engine.Images;
using Xunit;

namespace Gantry.Tests.Unit.Engine;

public sealed class DownloadSlotsTests
{
    [Fact]
    public async Task TheNumberMayGrowAndShrink()
    {
        var slots = new DownloadSlots(1);
        await slots.WaitAsync(CancellationToken.None);
        Assert.True(slots.IsFull);
        var (second, third) = (slots.WaitAsync(CancellationToken.None), slots.WaitAsync(CancellationToken.None));
        Assert.False(second.IsCompleted);
        slots.Resize(2);
        await second;
        Assert.False(third.IsCompleted);
        slots.Resize(1);
        slots.Release();
        Assert.False(third.IsCompleted); // one is under way still
        slots.Release();
        await third;
        slots.Release();
        Assert.False(slots.IsFull);
    }

    [Fact]
    public async Task WhoGivesUpTakesNoSlot()
    {
        var slots = new DownloadSlots(1);
        await slots.WaitAsync(CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        var (gone, next) = (slots.WaitAsync(cancel.Token), slots.WaitAsync(CancellationToken.None));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        slots.Release();
        await next;
        Assert.True(slots.IsFull);
    }
}
