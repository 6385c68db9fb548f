namespace EntropyElbo.Data;

/// <summary>How messages about rows name the options that help: by the tool's name and by the library's.</summary>
internal static class OptionTerms
{
    public const string SkipMissing = "--skip-missing, MissingValues.SkipRow";
    public const string MissingEntries = "--missing-entries marginal, MissingValues.Marginal";
    public const string Delimiter = "--delimiter, CsvOptions.Delimiter";
    public const string MissingTokens = "--missing, CsvOptions.MissingTokens";
    public const string HeaderNo = "say --header no (CsvOptions.Header = false)";
    public const string HeaderYes = "say --header yes (CsvOptions.Header = true)";

    /// <summary>How a decimal sign is given.</summary>
    public static string DecimalSign(char sign) => $"say --decimal {(sign == ',' ? "comma" : "point")} (CsvOptions.DecimalSign = '{sign}')";
}
