using System.Globalization;
using System.Text;
using Gantry.Cli.Output;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Builds;

/// <summary>
/// The steps of a build on a terminal, drawn over and over: times that run, bytes, and the last lines of what runs. When
/// the build ends the last picture stays.
/// </summary>
/// <remarks>Source: the output of BuildKit's tty mode.</remarks>
internal sealed class LiveDisplay : IBuildDisplay
{
    private const int TailLines = 6;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly TextOutput _output;
    private readonly TimeProvider _time;
    private readonly Func<(int Rows, int Columns)> _size;
    private readonly List<BuildStep> _steps = [];
    private readonly DateTimeOffset _begun;
    private readonly ITimer? _timer;
    private int _drawn;
    private bool _ended;
    private bool _paused;

    /// <param name="output">The terminal.</param>
    /// <param name="size">Its size, asked for each picture.</param>
    /// <param name="animated">Whether it is drawn by itself while time goes on.</param>
    public LiveDisplay(TextOutput output, TimeProvider time, Func<(int Rows, int Columns)> size, bool animated = true)
    {
        _output = output;
        _time = time;
        _size = size;
        _begun = time.GetUtcNow();
        _timer = animated ? time.CreateTimer(_ => Draw(final: false), null, s_interval, s_interval) : null;
    }

    /// <summary>The size of the terminal that a descriptor is.</summary>
    public static (int Rows, int Columns) SizeOf(int descriptor) => Terminals.FindSize(descriptor) is var (rows, columns) && rows > 0 && columns > 0 ? (rows, columns) : (24, 80);

    public Lock Gate { get; } = new();

    public void Changed(BuildStep step)
    {
        lock (Gate)
        {
            if ((step.Started is not null || step.Cached) && !_steps.Contains(step))
                _steps.Add(step);
        }
    }

    public void Wrote(BuildStep step, LogLine line)
    {
        // The next picture shows it.
    }

    public void Moved(BuildStep step, StepStatus status)
    {
        // The next picture shows it.
    }

    public void Pause()
    {
        Draw(final: false);
        lock (Gate)
            _paused = true;
    }

    public void Resume()
    {
        lock (Gate)
        {
            _paused = false;
            // Below what the other wrote.
            _drawn = 0;
        }
    }

    public void End(IReadOnlyList<BuildStep> steps) => Draw(final: true);

    public void Dispose() => _timer?.Dispose();

    /// <summary>Draws the picture in place of the one before.</summary>
    internal void Draw(bool final)
    {
        lock (Gate)
        {
            if (_ended || (_paused && !final))
                return;
            _ended = final;
            var (rows, columns) = _size();
            var lines = Picture(final ? int.MaxValue : rows - 1, columns);
            var text = new StringBuilder();
            if (_drawn > 0)
                text.Append(CultureInfo.InvariantCulture, $"\x1b[{_drawn}A\r\x1b[J");
            foreach (var line in lines)
                text.Append(line).Append('\n');
            _drawn = lines.Count;
            try
            {
                _output.Write(text.ToString());
                _output.Flush();
            }
            catch (IOException)
            {
                // The terminal is gone; what the build does next decides.
                _ended = true;
            }
        }
    }

    private List<string> Picture(int rows, int columns)
    {
        var now = _time.GetUtcNow();
        var done = _steps.Count(static step => step.Completed is not null);
        var finished = _ended && _steps.TrueForAll(static step => step.Completed is not null);
        var head = string.Create(CultureInfo.InvariantCulture, $"[+] Building {(now - _begun).TotalSeconds:0.0}s ({done}/{_steps.Count}){(finished ? " FINISHED" : "")}");
        // What runs is never left out; of what has ended the newest stays.
        var blocks = _steps.ConvertAll(step => (Step: step, Lines: Block(step, now, columns)));
        var total = 1 + blocks.Sum(static block => block.Lines.Count);
        foreach (var block in blocks.Where(static block => block.Step.Completed is not null).ToList())
        {
            if (total <= rows)
                break;
            total -= block.Lines.Count;
            blocks.Remove(block);
        }

        var lines = new List<string> { Cut(head, columns) };
        lines.AddRange(blocks.SelectMany(static block => block.Lines));
        return lines.Count <= rows ? lines : lines[..Math.Max(1, rows)];
    }

    private List<string> Block(BuildStep step, DateTimeOffset now, int columns)
    {
        var mark = step.Error is not null ? "ERROR " : step.Cached ? "CACHED " : "";
        var lines = new List<string> { WithTime($" => {mark}{Clean(step.Name)}", step.Elapsed(now), columns) };
        foreach (var status in step.Statuses.Where(status => step.IsRunning || status.Completed is null || _ended).TakeLast(TailLines))
        {
            var bytes = status.Total > 0 ? $" {Units.Size(status.Current)} / {Units.Size(status.Total)}" : status.Current > 0 ? $" {Units.Size(status.Current)}" : "";
            lines.Add(WithTime($" => => {Clean(status.Id)}{bytes}", status.Started is { } begin ? (status.Completed ?? now) - begin : TimeSpan.Zero, columns));
        }

        if (step.IsRunning)
            lines.AddRange(step.Tail.TakeLast(TailLines).Select(line => Cut($" => => # {Clean(line.Text)}", columns)));
        return lines;
    }

    private static string WithTime(string text, TimeSpan elapsed, int columns)
    {
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, elapsed.TotalSeconds):0.0}s");
        var room = Math.Max(8, columns - seconds.Length - 2);
        return (text.Length > room ? text[..(room - 3)] + "..." : text.PadRight(room)) + " " + seconds;
    }

    private static string Cut(string text, int columns) => text.Length < columns ? text : text[..Math.Max(0, columns - 1)];

    // What a step writes must not move the cursor of this picture, nor color what comes after it.
    internal static string Clean(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var clean = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\t')
                clean.Append("    ");
            else if (text[i] == '\x1b' && i + 1 < text.Length && text[i + 1] == '[')
                // A control sequence ends with its first letter (ECMA-48, 5.4).
                for (i += 2; i < text.Length && text[i] is not (>= '@' and <= '~'); i++)
                    continue;
            else if (!char.IsControl(text[i]))
                clean.Append(text[i]);
        }

        return clean.ToString();
    }
}
