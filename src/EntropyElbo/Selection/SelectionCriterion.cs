namespace EntropyElbo.Selection;

/// <summary>What models are compared by.</summary>
public enum SelectionCriterion
{
    /// <summary>Bayesian information criterion of the training rows, with the ELBO for the log-likelihood; lower is better.</summary>
    Bic,

    /// <summary>Akaike information criterion of the training rows, with the ELBO for the log-likelihood; lower is better.</summary>
    Aic,

    /// <summary>ELBO of rows that the model was not trained on, nats per row; higher is better.</summary>
    HeldOut,

    /// <summary>
    /// Integrated completed likelihood, <c>BIC + 2 N H[q]</c> (<see cref="EntropyElbo.Reports.Evaluation.Icl"/>): BIC, and rows whose
    /// component is not clear count against a model; lower is better.
    /// </summary>
    Icl,

    /// <summary>BIC with the sum of entropies in place of the ELBO (D section 4); lower is better.</summary>
    EntropyBic,

    /// <summary>
    /// Log-likelihood of rows that the model was not trained on, exact or importance-weighted, nats per row; higher is better.
    /// </summary>
    ImportanceWeighted,
}

/// <summary>In which order, and for how long, candidates are tried.</summary>
public enum SelectionSearch
{
    /// <summary>All of them; of a grid every combination.</summary>
    Grid,

    /// <summary>
    /// In random order, up to the trial limit; of a grid so many combinations drawn at random, which may come from ranges.
    /// </summary>
    Random,

    /// <summary>
    /// Successive halving (Jamieson and Talwalkar 2016): all of them with few epochs, then the better ones with more, until the last
    /// few have all. What learns in closed form is fitted once. Of a grid with a trial limit, as many combinations as with
    /// <see cref="Random"/>.
    /// </summary>
    Halving,
}

/// <summary>What to do with candidates of which some give densities and others probabilities: their scores do not compare.</summary>
public enum MixedLikelihoods
{
    /// <summary>Stop with <see cref="BadOptionException"/>, before any fit where the trainers tell.</summary>
    Refuse,

    /// <summary>Rank each kind by itself; there is no best of all.</summary>
    Apart,

    /// <summary>Rank them in one list all the same.</summary>
    Together,
}

/// <summary>Why a selection ended.</summary>
public enum SelectionStop
{
    /// <summary>Every candidate was tried.</summary>
    Completed,

    /// <summary>The trial limit was reached.</summary>
    TrialLimit,

    /// <summary>The time budget was spent.</summary>
    TimeLimit,

    /// <summary>Cancelled by the caller; the trials are those so far.</summary>
    Cancelled,
}
