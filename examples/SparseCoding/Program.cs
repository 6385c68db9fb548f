using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Training;

// Denoising by sparse coding: a dictionary learned from the patches of the noisy image itself, every patch replaced by what its code
// decodes to, and overlapping patches averaged. The noise's variance is learned too; nothing is told of it.
using System.Globalization;
using System.Text;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int side = args.Length > 0 ? int.Parse(args[0]) : 192; // Pixels along a side of the image.
string folder = args.Length > 1 ? args[1] : "."; // Where the pictures go.
const int Patch = 8;
const int Pixels = Patch * Patch;
const double Noise = 0.1;

double[] clean = Leaves(side, seed: 1);
Random random = new(2);
double[] noisy = [.. clean.Select(v => v + (Noise * Gaussian()))];

// Every patch that fits, less its mean, which is kept.
int places = side - Patch + 1;
double[] patches = new double[places * places * Pixels];
double[] means = new double[places * places];
for (int p = 0; p < means.Length; p++)
{
    for (int i = 0; i < Pixels; i++)
    {
        double value = noisy[Pixel(p, i)];
        patches[(p * Pixels) + i] = value;
        means[p] += value / Pixels;
    }

    for (int i = 0; i < Pixels; i++)
    {
        patches[(p * Pixels) + i] -= means[p];
    }
}

SparseCodingTrainer trainer = new(new SparseCodingOptions
{
    Latents = 96,
    Covariance = SparseCovariance.Diagonal,
    Centre = false,
    BatchSize = 512,
    Iterations = 10,
    InnerTolerance = 1e-6,
    EncodingTolerance = 1e-6,
    Annealing = AnnealingSchedule.Parse("prior"),
});
FitResult fit = trainer.Fit(new InMemoryRows(patches, Pixels), new FitContext { Certificate = false });
SparseCodingModel model = (SparseCodingModel)fit.Model;
double[] decoded = new double[patches.Length];
model.Reconstruct(patches, decoded);

double[] denoised = new double[clean.Length];
int[] counts = new int[clean.Length];
for (int p = 0; p < means.Length; p++)
{
    for (int i = 0; i < Pixels; i++)
    {
        denoised[Pixel(p, i)] += decoded[(p * Pixels) + i] + means[p];
        counts[Pixel(p, i)]++;
    }
}

denoised = [.. denoised.Select((v, i) => v / counts[i])];
Console.WriteLine($"{means.Length} patches of {Patch} x {Patch}, {model.LatentDimension} fields, {fit.Elapsed.TotalSeconds:F1} s; ELBO {model.Report.Summary.Elbo:F2} nats per row");
Console.WriteLine($"noise: standard deviation {Math.Sqrt(model.NoiseVariance):F4} learned, {Noise:F4} true");
Console.WriteLine($"PSNR noisy      {Psnr(noisy):F2} dB");
Console.WriteLine($"PSNR 3 x 3 mean {Psnr(Blur()):F2} dB");
Console.WriteLine($"PSNR denoised   {Psnr(denoised):F2} dB");
Directory.CreateDirectory(folder);
Write("clean.pgm", clean);
Write("noisy.pgm", noisy);
Write("denoised.pgm", denoised);
Console.WriteLine($"pictures: {string.Join(", ", "clean noisy denoised".Split(' ').Select(n => Path.Combine(folder, n + ".pgm")))}");

// The pixel of the image that is the i-th of a patch.
int Pixel(int patch, int i) => (((patch / places) + (i / Patch)) * side) + (patch % places) + (i % Patch);

double Gaussian() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

// Decibels below the range of grey, 1.
double Psnr(double[] image) => -10 * Math.Log10(image.Select((v, i) => (v - clean[i]) * (v - clean[i])).Average());

// The plain remedy, for comparison.
double[] Blur() => [.. noisy.Select((_, i) =>
{
    (int x, int y) = (i % side, i / side);
    (int, int)[] near = [.. Enumerable.Range(0, 9).Select(k => (x + (k % 3) - 1, y + (k / 3) - 1))];
    return near.Where(n => n.Item1 >= 0 && n.Item1 < side && n.Item2 >= 0 && n.Item2 < side).Average(n => noisy[(n.Item2 * side) + n.Item1]);
})];

// Fallen leaves: discs of random grey over one another, their radii r with a density of r^-3, as edges in photographs have it.
static double[] Leaves(int side, int seed)
{
    Random random = new(seed);
    double[] image = new double[side * side];
    for (int leaf = 0; leaf < side * side / 8; leaf++)
    {
        double radius = 6 / Math.Sqrt(1 - (0.98 * random.NextDouble())), grey = random.NextDouble();
        (double cx, double cy) = (side * random.NextDouble(), side * random.NextDouble());
        for (int y = Math.Max(0, (int)(cy - radius)); y <= Math.Min(side - 1, cy + radius); y++)
        {
            for (int x = Math.Max(0, (int)(cx - radius)); x <= Math.Min(side - 1, cx + radius); x++)
            {
                if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) <= radius * radius)
                {
                    image[(y * side) + x] = grey;
                }
            }
        }
    }

    return image;
}

// A picture of grey values from 0 to 1, in the portable grey map that most viewers open.
void Write(string name, double[] image)
{
    using FileStream file = File.Create(Path.Combine(folder, name));
    file.Write(Encoding.ASCII.GetBytes($"P5 {side} {side} 255\n"));
    file.Write([.. image.Select(v => (byte)Math.Clamp(Math.Round(255 * v), 0, 255))]);
}
