using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The M-step for sums over rows whose E-steps go one by one: as far as is asked along Newton's steps of the columns.</summary>
internal sealed class RowMaximisation
{
    private readonly ProfileUnits _units;
    private readonly SparseCodingParameters _before;
    private readonly double[][] _steps; // H weights and an offset, a column.
    private readonly double[] _sizes;
    private readonly double _errors;
    private readonly double _values;
    private readonly double _rise;

    /// <param name="units">Floors, and what is learned.</param>
    /// <param name="before">The parameters of the E-step.</param>
    /// <param name="sums">What it gave, curvatures among it.</param>
    /// <param name="values">Values that rows show, where there is a noise variance.</param>
    public RowMaximisation(ProfileUnits units, SparseCodingParameters before, RowSums sums, double values)
    {
        (_units, _before, _values) = (units, before, values);
        _sizes = Array.ConvertAll(sums.Sizes, s => s / sums.Rows);
        _steps = new double[before.Columns][];
        for (int d = 0; d < _steps.Length; d++)
        {
            _steps[d] = Step(sums, d);
        }

        // A step of a quadratic gains half the product of slopes and step, in units of which the errors fall by twice as much.
        for (int d = 0; d < _steps.Length; d++)
        {
            _rise += VectorFold.Dot(sums.Fields[d], _steps[d].AsSpan(0, before.Latents)) + (sums.Offsets[d] * _steps[d][before.Latents]);
        }

        _errors = before.NoiseVariance * ((2 * sums.NoiseResidual) + values);
    }

    /// <summary>Columns that rows show but whose curvature is singular.</summary>
    public int Unsolved { get; private set; }

    /// <summary>The parameters at a share of the way.</summary>
    public SparseCodingParameters Parameters(double share)
    {
        int latents = _before.Latents, columns = _before.Columns;
        double[][] fields = [.. Enumerable.Range(0, latents).Select(_before.Field)];
        double[] mean = [.. _before.Mean];
        for (int d = 0; d < columns; d++)
        {
            for (int h = 0; h < latents; h++)
            {
                fields[h][d] += share * _steps[d][h];
            }

            mean[d] += share * _steps[d][latents];
        }

        double errors = _errors - (2 * _before.NoiseVariance * (share - (0.5 * share * share)) * _rise);
        double noise = _units.HasNoise ? Math.Max(errors / _values, _units.Floors.Noise) : _before.NoiseVariance;
        double[] scales = [.. fields.Select((f, h) => Math.Max(VectorFold.Norm(f) * _sizes[h], _units.Floors.Scale))];
        return SparseCodingParameters.Of(fields, scales, noise, mean);
    }

    private double[] Step(RowSums sums, int column)
    {
        int latents = _before.Latents;
        double[] step = new double[latents + 1];
        sums.Fields[column].CopyTo(step);
        step[latents] = _units.Centre ? sums.Offsets[column] : 0;
        if (!sums.Curvatures!.TrySolve(column, step.AsSpan(0, _units.Centre ? latents + 1 : latents)))
        {
            Unsolved += sums.Curvatures.IsUnseen(column) ? 0 : 1;
            Array.Clear(step);
        }

        return step;
    }
}
