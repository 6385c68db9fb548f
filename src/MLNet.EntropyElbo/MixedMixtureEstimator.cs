using EntropyElbo;
using EntropyElbo.Families.Mixture.Components;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo;

/// <summary>
/// Fits a mixture to the columns of a table as they are: numbers, texts and keys, each with a component family of its own. The
/// categories of texts and keys are learnt from the training rows and kept in the transformer and its zip.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ###  Estimator Characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Numbers, Booleans, texts, keys, known-sized vectors of numbers |
/// | Output column data type | Known-sized vector of <xref:System.Single>, and a key |
/// | Exportable to ONNX | No |
/// ]]></format>
/// The column <see cref="LatentOptions.InputColumnName"/> is made here: the row as the mixture takes it, a vector of Double with the
/// names of the columns, categories as places in the ordinal order of their texts (of keys, in the order of the keys). A category
/// that no training row had, an empty text and a missing key are no category: such a value leaves its row to the other columns.
/// Training leaves rows with an empty text or a missing key out, as it does those with a missing number.
/// </remarks>
public sealed class MixedMixtureEstimator : IEstimator<TransformerChain<LatentTransformer>>
{
    private readonly MLContext _ml;
    private readonly MixtureEstimator.Options _options;
    private readonly MixtureColumn[] _columns;
    private readonly MixtureEstimator _shape;

    internal MixedMixtureEstimator(MLContext ml, MixtureEstimator.Options options, IReadOnlyList<MixtureColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(columns);
        if (options.ComponentFamily != MixtureEstimator.Options.DefaultComponentFamily)
        {
            throw new BadOptionException(
                nameof(options.ComponentFamily), "The columns name the families of their components; leave ComponentFamily out.");
        }

        _ml = ml;
        _columns = Ordered(columns);
        _shape = new MixtureEstimator(ml, options);
        _options = (MixtureEstimator.Options)options.Copy();
        _options.Seed = (int)_shape.Seed;
    }

    /// <summary>The columns, those of one family together.</summary>
    public IReadOnlyList<MixtureColumn> Columns => _columns;

    /// <summary>Learns the categories and trains the mixture.</summary>
    /// <param name="input">Data with the columns.</param>
    /// <returns>Categories and model; its last transformer has the report.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a type that its family cannot take.</exception>
    /// <exception cref="BadDataException">A column has no value, or too many categories; or rows that the mixture cannot take.</exception>
    public TransformerChain<LatentTransformer> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CodedColumn[] coded = Array.ConvertAll(_columns, column => CodedColumn.Learn(_ml, input, column));
        IDataView training = CodedColumns.Build(_ml, input, coded, _options.InputColumnName, training: true).Transform(input);
        MixtureEstimator.Options options = (MixtureEstimator.Options)_options.Copy();
        options.ComponentFamily = CodedColumns.Specification(coded);
        LatentTransformer model = new MixtureEstimator(_ml, options).Fit(training);
        ITransformer front = CodedColumns.Build(_ml, input, coded, _options.InputColumnName, training: false);
        return new TransformerChain<LatentTransformer>(front, model);
    }

    /// <summary>The schema after this estimator.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a type that its family cannot take.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (MixtureColumn column in _columns)
        {
            CodedColumn.Require(inputSchema, column);
        }

        return _shape.GetOutputSchema(OutputShape.AddDoubles(_ml, inputSchema, _options.InputColumnName));
    }

    /// <summary>Columns of one family together, in the order of the families' first columns.</summary>
    private static MixtureColumn[] Ordered(IReadOnlyList<MixtureColumn> columns)
    {
        if (columns.Count == 0)
        {
            throw new BadOptionException(nameof(columns), "A mixture of columns needs at least one; name them.");
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (MixtureColumn column in columns)
        {
            if (!names.Add(column.Name))
            {
                throw new BadOptionException(nameof(columns), $"The column '{column.Name}' is named twice; name each once.");
            }

            if (column.Family.Contains('@', StringComparison.Ordinal))
            {
                throw new BadOptionException(
                    nameof(columns), $"The family '{column.Family}' of column '{column.Name}' has places of its own; give the family alone.");
            }

            _ = MixtureSpecification.Parse(column.Family);
        }

        return [.. columns.GroupBy(column => column.Family, StringComparer.Ordinal).SelectMany(family => family)];
    }
}
