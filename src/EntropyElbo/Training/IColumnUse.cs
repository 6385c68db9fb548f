namespace EntropyElbo.Training;

/// <summary>What a trainer's models make of columns, known before it has fitted.</summary>
internal interface IColumnUse
{
    /// <summary>Whether its options speak of columns by their place, so that none may be left out.</summary>
    bool HasPlaces => false;

    /// <summary>Which of so many columns get probabilities in its likelihood; the others get densities.</summary>
    /// <exception cref="BadOptionException">The options are for another number of columns.</exception>
    bool[] Probabilities(int columns) => new bool[columns];
}
