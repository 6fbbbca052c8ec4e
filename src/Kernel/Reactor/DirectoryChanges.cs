using System.Threading.Channels;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Reactor;

#pragma warning disable CA1001 // lives as long as the process: nobody could dispose of it
/// <summary>Tells when something changes in directories. One inotify queue for the process: a user may have only 128 (fs.inotify.max_user_instances).</summary>
public sealed class DirectoryChanges
{
    private static readonly Lazy<DirectoryChanges> Instance = new(() => new DirectoryChanges());

    private readonly Fd _inotify = Inotify.Open();
    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<Subscription>> _subscriptions = [];

    private DirectoryChanges() => _ = DispatchAsync();

    /// <summary>The process's queue, opened when it is first asked for.</summary>
    public static DirectoryChanges Shared => Instance.Value;

    /// <summary>Watches the files of a directory: written, made, renamed, removed.</summary>
    /// <exception cref="SyscallException">The directory is missing, or there are too many watches.</exception>
    public Subscription Subscribe(string directory)
    {
        lock (_lock)
        {
            var watch = Inotify.Watch(_inotify, directory, Inotify.Modified | Inotify.Created | Inotify.MovedFrom | Inotify.MovedTo | Inotify.Deleted);
            if (!_subscriptions.TryGetValue(watch, out var subscribers))
                _subscriptions[watch] = subscribers = [];
            var subscription = new Subscription(this, watch);
            subscribers.Add(subscription);
            return subscription;
        }
    }

    private async Task DispatchAsync()
    {
        var watches = new HashSet<int>();
        while (true)
        {
            await ReadinessThread.Shared.WaitReadableAsync(_inotify, CancellationToken.None);
            watches.Clear();
            Inotify.Drain(_inotify, watches);
            lock (_lock)
            {
                foreach (var (watch, subscribers) in _subscriptions)
                {
                    if (!watches.Contains(watch) && !watches.Contains(-1))
                        continue;
                    foreach (var subscriber in subscribers)
                        subscriber.Signal();
                }
            }
        }
    }

    private void Remove(Subscription subscription, int watch)
    {
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(watch, out var subscribers) || !subscribers.Remove(subscription) || subscribers.Count > 0)
                return;
            _subscriptions.Remove(watch);
            Inotify.Unwatch(_inotify, watch);
        }
    }

    /// <summary>One interest in one directory.</summary>
    public sealed class Subscription : IDisposable
    {
        private readonly DirectoryChanges _changes;
        private readonly int _watch;
        private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        internal Subscription(DirectoryChanges changes, int watch)
        {
            _changes = changes;
            _watch = watch;
        }

        /// <summary>Completes when something has changed since the last time.</summary>
        public async Task WaitAsync(CancellationToken cancellationToken) => await _signal.Reader.ReadAsync(cancellationToken);

        /// <inheritdoc/>
        public void Dispose() => _changes.Remove(this, _watch);

        internal void Signal() => _signal.Writer.TryWrite(true);
    }
}
