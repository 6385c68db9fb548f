namespace EntropyElbo.Families.Mixture.Components;

/// <summary>A run of neighbouring columns whose components are of one family.</summary>
/// <param name="Family">The family's name, for example <c>gaussian-full</c> or <c>binomial:8</c>.</param>
/// <param name="Start">Zero-based index of the first column.</param>
/// <param name="Count">Number of columns.</param>
public sealed record ColumnRange(string Family, int Start, int Count);
