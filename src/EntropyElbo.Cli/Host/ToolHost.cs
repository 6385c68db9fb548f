using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EntropyElbo.Cli.Host;

/// <summary>The surroundings of one run: streams, whether they are terminals, cancellation.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal sealed class ToolHost(TextWriter output, TextWriter error) : IDisposable
{
    private bool _inputUsed;

    /// <summary>Standard output, as text to be looked at.</summary>
    public ShownWriter Out { get; } = new(output);

    /// <summary>Standard error, as text to be looked at.</summary>
    public ShownWriter Error { get; } = new(error);

    /// <summary>Standard error for what moves the cursor.</summary>
    public TextWriter RawError { get; } = error;

    /// <summary>Opens standard input.</summary>
    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    /// <summary>Whether <see cref="Out"/> is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Cancelled by the first Ctrl+C.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The file behind standard input, where there is one.</summary>
    public string? InputPath { get; init; }

    /// <summary>The file behind standard output, where there is one.</summary>
    public string? OutputPath { get; init; }

    /// <summary>The process's own streams.</summary>
    public static ToolHost OfProcess(CancellationToken cancellation)
    {
        bool hasError = StandardStreams.IsOpen(StandardStreams.Error);
        return new(
            new StreamWriter(OpenOutput(), new UTF8Encoding(false)) { AutoFlush = false }, hasError ? Console.Error : TextWriter.Null)
        {
            OpenInput = OpenStandardInput,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = hasError && !Console.IsErrorRedirected,
            InputPath = StandardStreams.PathOf(StandardStreams.Input),
            OutputPath = StandardStreams.PathOf(StandardStreams.Output),
            Cancellation = cancellation,
        };
    }

    /// <summary>
    /// Runs what may wait for another process for ever, such as a pipe that nobody writes to. Where the run is cancelled
    /// meanwhile, it is left waiting on a thread that does not keep the process.
    /// </summary>
    /// <exception cref="OperationCanceledException">The run was cancelled first.</exception>
    public T Interruptible<T>(Func<T> wait)
    {
        Task<T> waiting = Task.Factory.StartNew(wait, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task.WaitAny([waiting], Cancellation);
        return waiting.GetAwaiter().GetResult();
    }

    /// <summary>Standard input, which can be read only once.</summary>
    public Stream TakeInput()
    {
        if (_inputUsed)
        {
            throw new BadOptionException("test", "standard input ('-') can be read only once; put one of the two in a file.");
        }

        _inputUsed = true;
        return OpenInput();
    }

    /// <summary>Standard output as bytes, as they are but on a terminal; not to be disposed.</summary>
    public Stream OutputBytes()
    {
        Out.Flush();
        return OutIsTerminal ? new TextWriterStream(Out) : output is StreamWriter writer ? writer.BaseStream : new TextWriterStream(output);
    }

    /// <summary>Flushes what is left; a reader that has gone no longer wants it.</summary>
    public void Dispose()
    {
        try
        {
            Out.Flush();
        }
        catch (IOException error) when (OutputFile.IsClosedPipe(error))
        {
            return;
        }
    }

    private static Stream OpenStandardInput() =>
        StandardStreams.IsOpen(StandardStreams.Input) ? Console.OpenStandardInput() : new ClosedStream("standard input");

    /// <summary>
    /// The console's stream hides that the reader of a pipe has gone, and a long run would go on for nobody; a plain
    /// stream tells. Where output goes to a file, the console's stream keeps to the place that other writers share.
    /// </summary>
    private static Stream OpenOutput()
    {
        if (!StandardStreams.IsOpen(StandardStreams.Output))
        {
            return new ClosedStream("standard output");
        }

        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            FileStream raw = new(new SafeFileHandle(StandardStreams.Output, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!raw.CanSeek)
            {
                return raw;
            }
        }

        return Console.OpenStandardOutput();
    }

    /// <summary>UTF-8 bytes to a text writer; the tool writes whole characters only.</summary>
    private sealed class TextWriterStream(TextWriter writer) : Stream
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            char[] text = new char[_decoder.GetCharCount(buffer, flush: false)];
            writer.Write(text, 0, _decoder.GetChars(buffer, text, flush: false));
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => writer.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
