using EntropyElbo.Models;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>What a row is encoded into: [N, H] each.</summary>
/// <param name="Mean">Latent means.</param>
/// <param name="Variance">Latent variances.</param>
internal readonly record struct Code(Wire Mean, Wire Variance)
{
    /// <summary>
    /// What the covariance is made of, where its diagonal does not say all: deviations [N, H], and vectors [N, r, H] where there are any.
    /// </summary>
    public (Wire Deviations, Wire? Vectors)? Parts { get; init; }
}

/// <summary>
/// How a family's models become graphs, in their own units: what comes in is scaled, and what goes out is scaled back by the caller.
/// </summary>
internal abstract class ModelGraph
{
    /// <summary>What models of the family can be exported as.</summary>
    public abstract OnnxOutputs Possible { get; }

    /// <summary>Whether scores take draws.</summary>
    public virtual bool IsSampled => false;

    /// <summary>What it takes.</summary>
    public abstract RowGate Gate { get; }

    /// <summary>Whether a score of finite values outside of what the model takes is infinite, and not an error.</summary>
    public virtual bool ScoresAnything => false;

    /// <summary>Codes of scaled rows.</summary>
    public abstract Code Encode(GraphBuilder graph, Wire rows);

    /// <summary>Scaled mean rows of latents.</summary>
    public abstract Wire Decode(GraphBuilder graph, Wire latents);

    /// <summary>Minus the ELBO of scaled rows: [N, 1].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">Scaled rows.</param>
    /// <param name="code">Their codes.</param>
    /// <param name="noise">[draws, H] where scores take draws.</param>
    public abstract Wire Score(GraphBuilder graph, Wire rows, Code code, Wire? noise);

    /// <summary>What they could be exported as, where a family has models with and without.</summary>
    public virtual string Hint => "";
}
