namespace EntropyElbo.Families.LinearGaussians;

/// <summary>A latent and its mirror image are one model: signs are chosen so that equal fits give equal parameters.</summary>
internal static class LoadingSigns
{
    /// <summary>Makes the largest entry of each column positive.</summary>
    /// <param name="loadings">[D, H], row-major; changed in place.</param>
    /// <param name="latents">H.</param>
    public static void Fix(Span<double> loadings, int latents)
    {
        for (int h = 0; h < latents; h++)
        {
            double largest = 0;
            for (int i = h; i < loadings.Length; i += latents)
            {
                largest = Math.Abs(loadings[i]) > Math.Abs(largest) ? loadings[i] : largest;
            }

            for (int i = h; i < loadings.Length && largest < 0; i += latents)
            {
                loadings[i] = -loadings[i];
            }
        }
    }
}
