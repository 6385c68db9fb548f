using System.Globalization;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>
/// The fields of a linear model of images, what one unit of each latent adds to a row, or to the logarithms of its rates, as a
/// mosaic: by falling scales, line by line. Every field has its own symmetric range: mid-grey is 0, white or black its largest entry.
/// </summary>
internal static class FieldPictures
{
    /// <summary>A field in a file is shown at least this wide, where its pixels can be enlarged to that.</summary>
    private const int FileSide = 48;

    /// <summary>The grey between fields, unlike that of their zero.</summary>
    private const byte Ground = 64;
    private static readonly string[] Families =
        ["ppca", "factor-analysis", "linear-vae", SparseCodingFamily.Name, PoissonSparseCodingFamily.Name];

    /// <summary>Whether models of a family have fields.</summary>
    public static bool Has(string family) => Families.Contains(family);

    /// <summary>Throws where a picture is asked for that there cannot be.</summary>
    /// <exception cref="BadOptionException">The family has no linear fields.</exception>
    public static void RequireFields(ModelFamily family, string? path)
    {
        if (path is not null && !Has(family.Name))
        {
            throw new BadOptionException(
                "fields", $"A model of the family {family.Name} has no linear fields to show; they are for {string.Join(", ", Families)}.");
        }
    }

    /// <summary>The image that a row is: as the user says, else as the file says.</summary>
    /// <exception cref="BadOptionException">It does not fit the columns, or it is needed and nobody says.</exception>
    public static ImageShape? Image(ModelFamily family, ImageShape? said, ImageShape? read, int columns, string? path)
    {
        if (!Has(family.Name))
        {
            return null;
        }

        if (said is not null && said.Columns != columns)
        {
            throw new BadOptionException("image", $"The rows have {columns} columns, but an image of {said} has {said.Columns}.");
        }

        return path is null || said is not null || read is not null
            ? said ?? read
            : throw new BadOptionException(
                "fields", $"Nothing says what image a row of {columns} columns is; give height and width, as in --image 16x16.");
    }

    /// <summary>The file of a model's fields.</summary>
    public static byte[] File(LatentModel model, ImageShape image) =>
        Sheet(model, image, int.MaxValue).Png(Math.Max(1, FileSide / Math.Max(image.Width, image.Height)));

    /// <summary>What a picture shows.</summary>
    public static string Text(LatentModel model, ImageShape image, int most)
    {
        string first = model.LatentDimension <= most ? "" : string.Create(
            CultureInfo.InvariantCulture, $" The first {most} of {Wording.Count(model.LatentDimension, "field")}.");
        string colour = image.Channels is 1 or 3 ? "" : " The first channel.";
        string what = model is PoissonSparseCodingModel ? "the logarithms of a row's rates" : "a row";
        return $"What a unit of each latent adds to {what}, by falling scales, line by line. Mid-grey is 0; each field has a range of its "
            + $"own.{first}{colour}";
    }

    /// <summary>The mosaic, about as wide as it is high.</summary>
    public static ImageSheet Sheet(LatentModel model, ImageShape image, int most)
    {
        double[][] fields = [.. Of(model).Take(most)];
        int columns = (int)Math.Ceiling(Math.Sqrt(fields.Length));
        ImageSheet sheet = new(image, columns, (fields.Length + columns - 1) / columns, Ground);
        for (int i = 0; i < fields.Length; i++)
        {
            double range = fields[i].Max(Math.Abs);
            sheet.Draw(i, fields[i], -range, range);
        }

        return sheet;
    }

    /// <summary>The fields in units of the data, those first that in the model's units add most.</summary>
    private static IEnumerable<double[]> Of(LatentModel model)
    {
        double[] factor = model.Scaling.Factor.ToArray();
        return Enumerable.Range(0, model.LatentDimension)
            .Select(h => Of(model, h))
            .OrderByDescending(f => f.Scale * VectorFold.Norm(f.Field))
            .Select(f => f.Field.Select((value, d) => value / factor[d]).ToArray());
    }

    /// <summary>A latent's field in the model's units, and its scale.</summary>
    private static (double[] Field, double Scale) Of(LatentModel model, int latent)
    {
        int columns = model.ObservedDimension, latents = model.LatentDimension;
        return model switch
        {
            SparseCodingModel sparse => (sparse.Fields.Slice(latent * columns, columns).ToArray(), sparse.Scales[latent]),
            PoissonSparseCodingModel counts => (counts.Fields.Slice(latent * columns, columns).ToArray(), counts.Scales[latent]),
            LinearGaussianModel linear => (
                [.. Enumerable.Range(0, columns).Select(d => linear.Loadings[(d * latents) + latent])], 1),
            _ => throw new InvalidOperationException($"A model of the family {model.Family} has no fields."),
        };
    }
}
