using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Training in TorchSharp as one would write it by hand, eager and on the CPU: the peer of the own engine. A process of its own, since libtorch's threads
/// wait in a loop for a while. It speaks as the scripts of the folder peers do: "ready", then an answer a line.
/// </summary>
internal static class TorchSharpPeer
{
    /// <summary>Starts this program again as the peer.</summary>
    /// <param name="kind">"training" or "convolution".</param>
    public static PythonPeer? TryStart(string kind) => PythonPeer.TryStart(Environment.ProcessPath!, ["peer", kind]);

    /// <summary>Answers questions until there are no more.</summary>
    public static void Serve(string kind)
    {
        Console.WriteLine($"ready TorchSharp {typeof(torch).Assembly.GetName().Version}, libtorch {__version__}");
        Dictionary<string, (PeerModel Model, int Threads)> chosen = [];
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            if (kind == "training" && words[3] != "vae-1")
            {
                Console.WriteLine("NaN -");
                continue;
            }

            (int batch, int rows) = kind == "training" ? (Whole(words[1]), Whole(words[2])) : (Whole(words[3]), Whole(words[4]));
            if (!chosen.TryGetValue(line, out (PeerModel Model, int Threads) best))
            {
                best = Choose(Candidates(kind, words), batch, rows);
                chosen.Add(line, best);
            }

            set_num_threads(best.Threads);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{best.Model.OnePass(rows, batch)} {best.Threads}"));
        }
    }

    private static Func<PeerModel>[] Candidates(string kind, string[] words) => kind == "training"
        ? [() => new PeerPerceptrons(Numbers(words[0], '-'))]
        : [() => new PeerConvolutions(Numbers(words[0], 'x'), Numbers(words[1], ','), Whole(words[2]), channelsLast: false),
           () => new PeerConvolutions(Numbers(words[0], 'x'), Numbers(words[1], ','), Whole(words[2]), channelsLast: true)];

    /// <summary>The fastest of one and two threads and of the candidates, after a warm-up.</summary>
    private static (PeerModel Model, int Threads) Choose(Func<PeerModel>[] candidates, int batch, int rows)
    {
        (PeerModel Model, int Threads) best = default;
        double most = 0;
        foreach (int threads in (int[])[1, 2])
        {
            foreach (Func<PeerModel> candidate in candidates)
            {
                set_num_threads(threads);
                PeerModel model = candidate();
                model.OnePass(Math.Max(2 * batch, rows / 8), batch);
                double rate = model.OnePass(Math.Max(2 * batch, rows / 4), batch);
                if (rate > most)
                {
                    (most, best) = (rate, (model, threads));
                }
            }
        }

        return best;
    }

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int[] Numbers(string text, char separator) => [.. text.Split(separator).Select(Whole)];
}
