using Microsoft.ML;

namespace MLNet.EntropyElbo.Tests;

/// <summary>The shape of a view's schema, which ML.NET gives only to estimators: one that listens in a chain.</summary>
internal static class ShapeOf
{
    public static SchemaShape View(MLContext ml, IDataView view)
    {
        Listener listener = new();
        // EstimatorChain.Fit asks the chain's estimators for their shapes, starting from the data's.
        _ = ml.Transforms.CopyColumns("ShapeOf", view.Schema[0].Name).Append(listener).Fit(view);
        return listener.Heard!;
    }

    private sealed class Listener : IEstimator<ITransformer>
    {
        public SchemaShape? Heard { get; private set; }

        public ITransformer Fit(IDataView input) => new MLContext(1).Transforms.CopyColumns("Heard", "ShapeOf").Fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Heard = inputSchema;
            return inputSchema;
        }
    }
}
