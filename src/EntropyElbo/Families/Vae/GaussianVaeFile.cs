using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae;

/// <summary>The VAE's record in model files.</summary>
internal static class GaussianVaeFile
{
    /// <summary>
    /// Records of version 1 know the Gaussian likelihood only and do not name it; those below 3 know no convolutional networks.
    /// </summary>
    private const int Version = 3;

    /// <summary>The version of records without convolutional networks, which earlier libraries read.</summary>
    private const int PerceptronVersion = 2;

    public static ModelRecord Write(GaussianVaeModel model)
    {
        ModelRecord record = new(model.Family, model.Images is null ? PerceptronVersion : Version);
        ModelHeaderFile.Write(record, model.Header);
        record.Set("latents", model.LatentDimension);
        record.Set("hidden", model.Hidden);
        record.Set("decoderHidden", model.DecoderHidden);
        record.Set("likelihood", model.Likelihood.Name);
        record.Set("activationFactor", model.Likelihood.ActivationFactor);
        if (model.Likelihood.AllowFractions)
        {
            record.Set("allowFractions", true);
        }

        if (model.Variant == VaeVariant.VarianceNetwork)
        {
            record.Set("varianceOutput", model.VarianceOutput.ToString());
        }

        if (model.Images is { } images)
        {
            record.Set("image", images.Shape.ToString());
            record.Set("filters", images.Filters);
            record.Set("horizontalFlips", images.HorizontalFlips);
        }

        foreach (ParameterTensor tensor in model.Network.Layout.Tensors)
        {
            record.Add(ModelTensor.Of(tensor.Name, ParameterLayout.Pack(tensor, model.Parameters), tensor.Rows, tensor.Columns));
        }

        return record;
    }

    public static GaussianVaeModel Read(VaeVariant variant, ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int latents = record.Get<int>("latents");
        int[] hidden = record.Get<int[]>("hidden");
        int[] decoderHidden = record.Has("decoderHidden") ? record.Get<int[]>("decoderHidden") : [.. hidden.Reverse()];
        ObservableLikelihood likelihood;
        ImageNetworks? images;
        VaeNetwork network;
        VarianceOutput output = VarianceOutput.Exponential;
        if (variant == VaeVariant.VarianceNetwork
            && (!Enum.TryParse(record.Get<string>("varianceOutput"), out output) || output.ToString() != record.Get<string>("varianceOutput")))
        {
            throw new ModelFileException(file, "names an output of the variance network that this version does not know.");
        }

        try
        {
            likelihood = record.FamilyVersion > 1
                ? ObservableLikelihood.Parse(record.Get<string>("likelihood")) with
                {
                    ActivationFactor = record.Get<double>("activationFactor"),
                    AllowFractions = record.Has("allowFractions") && record.Get<bool>("allowFractions"),
                }
                : ObservableLikelihood.Gaussian;
            images = ReadImages(record);
            new GaussianVaeOptions
            {
                Variant = variant,
                Latents = latents,
                Hidden = hidden,
                DecoderHidden = decoderHidden,
                Likelihood = likelihood,
                Scaling = header.Scaling.Kind,
                Images = images,
            }.Validate();
            if (images is not null && images.Shape.Columns != header.Scaling.Columns)
            {
                throw new ModelFileException(
                    file,
                    $"holds networks for images of {images.Shape} and a scaling of {header.Scaling.Columns} columns, which do not fit.");
            }

            network = new VaeNetwork(new VaeArchitecture(variant, header.Scaling.Columns, latents, hidden)
            {
                DecoderHidden = decoderHidden,
                Likelihood = likelihood,
                VarianceOutput = output,
                Images = images,
            });
        }
        catch (BadOptionException error)
        {
            throw new ModelFileException(file, $"holds a network that this version does not allow: {error.Message}", error);
        }

        return new GaussianVaeModel(network, ReadParameters(network, record), header);
    }

    private static AlignedBuffer<float> ReadParameters(VaeNetwork network, ModelRecord record)
    {
        // Every tensor's shape is checked against the data in the file before the parameters are allocated.
        List<float[]> tensors = [.. network.Layout.Tensors.Select(t => record.FiniteSingles(t.Name, t.Rows, t.Columns))];
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        for (int i = 0; i < tensors.Count; i++)
        {
            ParameterLayout.Unpack(network.Layout.Tensors[i], tensors[i], parameters.Span);
        }

        foreach (ParameterTensor variances in network.Normalisations.Select(n => n.RunningVariance))
        {
            record.Require(
                !Entries(variances, parameters).ContainsAnyInRange(float.MinValue, -float.Epsilon), variances.Name, "a variance below 0");
        }

        foreach (ParameterTensor scale in network.Scales.Select(s => s.Tensor))
        {
            bool outside = Entries(scale, parameters).ContainsAnyExceptInRange(
                (float)ScaleParameters.Least, (float)ScaleParameters.Greatest);
            record.Require(!outside, scale.Name, $"a logarithm that is not between {ScaleParameters.Least} and {ScaleParameters.Greatest}");
        }

        return parameters;
    }

    private static ReadOnlySpan<float> Entries(ParameterTensor vector, AlignedBuffer<float> parameters) =>
        parameters.Span.Slice(vector.Offset, vector.Columns);

    private static ImageNetworks? ReadImages(ModelRecord record) =>
        record.FamilyVersion < Version || !record.Has("image") ? null : new ImageNetworks
        {
            Shape = ImageShape.Parse(record.Get<string>("image")),
            Filters = record.Get<int[]>("filters"),
            HorizontalFlips = record.Get<bool>("horizontalFlips"),
        };
}
