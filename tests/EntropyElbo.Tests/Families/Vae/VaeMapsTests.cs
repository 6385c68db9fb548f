using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;

namespace EntropyElbo.Tests.Families.Vae;

[TestClass]
public sealed class VaeMapsTests
{
    [TestMethod]
    public void AVae_TakesNetworksOfAnyKind()
    {
        VaeArchitecture architecture = new(VaeVariant.VarianceNetwork, 6, 2, [9]);
        VaeNetwork network = new(architecture, new Wedges());
        CollectionAssert.AreEqual(
            new[]
            {
                "encoder.0.weight", "encoder.0.bias",
                "decoder.0.weight", "decoder.0.bias", "decoder.1.weight", "decoder.1.bias",
                "variances.0.weight", "variances.0.bias", "variances.1.weight", "variances.1.bias",
            },
            network.Layout.Tensors.Select(t => t.Name).ToArray());

        // Two decoders of 2 x 5 + 5 and 5 x 6 + 6.
        Assert.AreEqual(2 * 51, network.FreeParameters);
    }

    /// <summary>A linear encoder and decoders of five hidden units, whatever an architecture says.</summary>
    private sealed class Wedges : IVaeMaps
    {
        public Network Encoder(ParameterLayout layout, string name) => new Perceptron(layout, name, [6, 4]);

        public Network Decoder(ParameterLayout layout, string name) => new Perceptron(layout, name, [2, 5, 6]);
    }
}
