using System.Globalization;
using EntropyElbo.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EntropyElbo.Cli.Host;

/// <summary>Progress of a fit on standard error, when that is a terminal: a bar and one line of figures.</summary>
internal sealed class ProgressDisplay : IProgress<FitProgress>
{
    private const int FiguresWidth = 84;
    private const int MinBarWidth = 10;
    private const int MaxBarWidth = 40;
    private readonly ProgressTask _task;
    private readonly FiguresColumn _figures;

    private ProgressDisplay(ProgressTask task, FiguresColumn figures)
    {
        _task = task;
        _figures = figures;
    }

    /// <summary>Runs a fit under the display, or without one where standard error is no terminal.</summary>
    public static FitResult Run(ToolHost host, Func<IProgress<FitProgress>?, FitResult> fit)
    {
        if (!host.ErrorIsTerminal)
        {
            return fit(null);
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.RawError) });
        FiguresColumn figures = new(console.Profile.Capabilities.Unicode);
        int bar = Math.Clamp(console.Profile.Width - FiguresWidth, MinBarWidth, MaxBarWidth);
        return console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = bar }, figures)
            .Start(context => fit(new ProgressDisplay(context.AddTask("fit"), figures)));
    }

    /// <inheritdoc/>
    public void Report(FitProgress value)
    {
        _figures.Latest = value;
        _task.MaxValue = value.Epochs;
        _task.Value = value.Epoch;
    }

    /// <summary>The figures: as many as the terminal is wide enough for, the most telling first.</summary>
    private sealed class FiguresColumn(bool unicode) : ProgressColumn
    {
        private const int Reserved = MinBarWidth + 4;
        private volatile FitProgress? _latest;
        private readonly Sparkline _course = new();
        private FitProgress? _first;

        public FitProgress? Latest
        {
            set
            {
                _first ??= value;
                _latest = value;
                if (value is not null)
                {
                    _course.Add(value.Elbo);
                }
            }
        }

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(_latest is { } progress ? Line(progress, options.ConsoleSize.Width - Reserved) : "reading rows");

        private string Line(FitProgress progress, int width)
        {
            double gap = Math.Abs((progress.Elbo - progress.EntropySum) / progress.Elbo);
            string[] parts =
            [
                string.Create(CultureInfo.InvariantCulture, $"epoch {progress.Epoch}/{progress.Epochs}"),
                $"ELBO {progress.Elbo.ToString("F3", CultureInfo.InvariantCulture)}",
                _course.Text(unicode),
                $"gap {Wording.Percent(gap)}",
                $"ETA {Eta(progress)}",
                string.Create(CultureInfo.InvariantCulture, $"{progress.Collapsed} collapsed"),
                $"{Wording.Rate(progress.RowsPerSecond)} rows/s",
            ];
            string line = parts[0];
            foreach (string part in parts.Skip(1).Where(p => p.Length > 0))
            {
                if (line.Length + 2 + part.Length > width)
                {
                    break;
                }

                line += "  " + part;
            }

            return line;
        }

        /// <summary>Epochs that a checkpoint brought took no time in this run.</summary>
        private string Eta(FitProgress progress)
        {
            int done = progress.Epoch - _first!.Epoch + 1;
            TimeSpan left = progress.Elapsed / done * (progress.Epochs - progress.Epoch);
            return Wording.Clock(left);
        }
    }
}
