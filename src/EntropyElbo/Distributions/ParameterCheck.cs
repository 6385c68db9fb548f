using System.Globalization;

namespace EntropyElbo.Distributions;

/// <summary>Refuses parameters outside their range, in words that name family, parameter and value.</summary>
internal static class ParameterCheck
{
    /// <summary>The value, if positive and finite.</summary>
    public static double Positive(double value, string family, string parameter) => value > 0 && double.IsFinite(value)
        ? value
        : throw Outside(value, family, parameter, "positive and finite");

    /// <summary>The value, if finite.</summary>
    public static double Finite(double value, string family, string parameter) => double.IsFinite(value)
        ? value
        : throw Outside(value, family, parameter, "finite");

    /// <summary>The value, if in [0, 1].</summary>
    public static double Probability(double value, string family, string parameter) => value is >= 0 and <= 1
        ? value
        : throw Outside(value, family, parameter, "between 0 and 1");

    /// <summary>The value, if it is a number, infinities included.</summary>
    public static double Number(double value, string family, string parameter) => !double.IsNaN(value)
        ? value
        : throw Outside(value, family, parameter, "a number");

    /// <summary>Refuses a span of the wrong length.</summary>
    public static void Length(ReadOnlySpan<double> span, int expected, string family, string what)
    {
        if (span.Length != expected)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"{family}: {what} must hold {expected} value(s), not {span.Length}."));
        }
    }

    /// <summary>Refuses a span that is too short.</summary>
    public static void Room(int length, int needed, string family, string what)
    {
        if (length < needed)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"{family}: '{what}' has {length} value(s) where {needed} are needed."), what);
        }
    }

    /// <summary>Why a value is not a whole number from 0 to <paramref name="last"/>, or null.</summary>
    public static string? WholeNumberViolation(double value, double last) => value >= 0 && value <= last && Math.Floor(value) == value
        ? null
        : double.IsPositiveInfinity(last)
            ? "must be a whole number, 0 or above"
            : string.Create(CultureInfo.InvariantCulture, $"must be a whole number from 0 to {last}");

    /// <summary>Why a vector holds something that is not a finite number, or null.</summary>
    public static string? FiniteViolation(ReadOnlySpan<double> x)
    {
        foreach (double value in x)
        {
            if (!double.IsFinite(value))
            {
                return "must be a finite number";
            }
        }

        return null;
    }

    private static ArgumentException Outside(double value, string family, string parameter, string range) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{family}: the {parameter} must be {range}, but is {value}."));
}
