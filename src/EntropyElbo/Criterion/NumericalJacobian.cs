namespace EntropyElbo.Criterion;

/// <summary>
/// Jacobians by central differences with Richardson extrapolation (Ridders 1982): steps shrink by a constant factor, and
/// of the extrapolations the one that changes least is taken. Steps that leave the map's domain are left out.
/// </summary>
internal static class NumericalJacobian
{
    private const int Levels = 10;
    private const double Shrink = 2;

    /// <summary>First step, relative to the parameter, or absolute where it is 0.</summary>
    private const double FirstStep = 0.05;

    /// <summary>One column: the derivative of the map by one parameter.</summary>
    /// <param name="map">The map; must not keep its argument.</param>
    /// <param name="parameters">Where; unchanged after the call.</param>
    /// <param name="index">Which parameter.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <returns>The derivatives, and the estimate of their largest absolute error.</returns>
    /// <exception cref="BadOptionException">The map is not finite on both sides of the parameter, however near.</exception>
    public static (double[] Derivative, double Error) Column(
        Func<double[], double[]> map, double[] parameters, int index, int outputs)
    {
        double step = FirstStep * (parameters[index] == 0 ? 1 : Math.Abs(parameters[index]));
        List<double[]> above = [];
        double[]? best = null;
        double error = double.PositiveInfinity;
        for (int level = 0; level < Levels + 6 && above.Count < Levels; level++, step /= Shrink)
        {
            double[]? difference = Difference(map, parameters, index, step, outputs);
            if (difference is null)
            {
                above.Clear();
                continue;
            }

            List<double[]> row = [difference];
            double factor = Shrink * Shrink;
            for (int i = 0; i < above.Count; i++, factor *= Shrink * Shrink)
            {
                row.Add(Extrapolate(row[i], above[i], factor));
                double change = Math.Max(Distance(row[i + 1], row[i]), Distance(row[i + 1], above[i]));
                if (change < error)
                {
                    (best, error) = (row[i + 1], change);
                }
            }

            above = row;
        }

        return best is null
            ? throw new BadOptionException(
                "parameters", $"The natural parameters are not finite on both sides of parameter {index}; choose a value inside its range.")
            : (best, error);
    }

    private static double[]? Difference(Func<double[], double[]> map, double[] parameters, int index, double step, int outputs)
    {
        double[] moved = [.. parameters];
        moved[index] = parameters[index] + step;
        double up = moved[index];
        double[] above = Call(map, moved, outputs);
        moved = [.. parameters];
        moved[index] = parameters[index] - step;
        double[] below = Call(map, moved, outputs);
        double[] difference = new double[outputs];
        for (int i = 0; i < outputs; i++)
        {
            difference[i] = (above[i] - below[i]) / (up - (parameters[index] - step));
        }

        return Array.TrueForAll(difference, double.IsFinite) ? difference : null;
    }

    private static double[] Call(Func<double[], double[]> map, double[] parameters, int outputs)
    {
        double[] values = map(parameters);
        return values.Length == outputs
            ? values
            : throw new BadOptionException(
                "parameters", $"A map returned {values.Length} natural parameters, before {outputs}; it must always return as many.");
    }

    private static double[] Extrapolate(double[] finer, double[] coarser, double factor)
    {
        double[] result = new double[finer.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = finer[i] + ((finer[i] - coarser[i]) / (factor - 1));
        }

        return result;
    }

    private static double Distance(double[] a, double[] b)
    {
        double largest = 0;
        for (int i = 0; i < a.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(a[i] - b[i]));
        }

        return largest;
    }
}
