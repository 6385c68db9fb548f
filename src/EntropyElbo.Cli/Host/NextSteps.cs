namespace EntropyElbo.Cli.Host;

/// <summary>What a person may do after a command: one line that can be run as it stands. It goes with text only, never with JSON.</summary>
internal static class NextSteps
{
    private const string Tool = "entropy-elbo";

    /// <summary>After <c>fit</c>.</summary>
    /// <param name="model">Where the model was written, or null.</param>
    /// <param name="data">The rows.</param>
    public static string AfterFit(string? model, DataRequest data) => model is null
        ? "keep the model with --out model.eelbo, to encode rows with it"
        : $"encode the rows: {Tool} encode {Word(model)} {Data(data)} --out codes.csv";

    /// <summary>After <c>evaluate</c>.</summary>
    public static string AfterEvaluate(string model, DataRequest data) =>
        $"find the strangest rows: {Tool} encode {Word(model)} {Data(data)} --out scores.csv --score --explain";

    /// <summary>After <c>encode</c>.</summary>
    public static string AfterEncode(string model, DataRequest data, bool isScored) => isScored
        ? $"compare with the model's own rows: {Tool} explain {Word(model)}"
        : $"judge the fit to these rows: {Tool} evaluate {Word(model)} {Data(data)}";

    /// <summary>After <c>sample</c>.</summary>
    public static string AfterSample(string model, string rows) =>
        $"see what the model makes of its own rows: {Tool} evaluate {Word(model)} {Word(rows)}";

    /// <summary>After <c>generate</c>.</summary>
    public static string AfterGenerate(string rows) => $"choose a model: {Tool} select {Word(rows)} --models all --latents 1..4";

    /// <summary>After <c>select</c>.</summary>
    public static string AfterSelect(string? model, DataRequest data) => model is null
        ? "keep the best with --out best.eelbo"
        : AfterFit(model, data);

    /// <summary>After <c>explain</c> of a model.</summary>
    public static string AfterExplain(string model) => $"{Tool} encode {Word(model)} DATA --out codes.csv";

    private static string Data(DataRequest data) => data.Path == "-" ? "DATA" : string.Join(' ', data.Words.Select(Word));

    /// <summary>A path as one word of a shell.</summary>
    private static string Word(string path) =>
        path.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '\\' or ':' or '+' or ',') ? path
        : OperatingSystem.IsWindows() ? $"\"{path}\""
        : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
