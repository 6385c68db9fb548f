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
