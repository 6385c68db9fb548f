using EntropyElbo.Data;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Models;
using EntropyElbo.Tests.Reference;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.LinearVae;

/// <summary>Few distinct rows, offsets and scales at the end of what doubles hold: the gradient must get where the closed form is.</summary>
[TestClass]
public sealed class LinearVaeHardRowsTests
{
    /// <summary>Share of |ELBO| in units of the rows' deviation: at the floor rounding over the noise leaves some 1e-6.</summary>
    private const double Bar = 1e-5;

    /// <summary>The floor that the table was made with.</summary>
    private const double Floor = 1e-10;

    [TestMethod]
    public void FromAnyStart_TheElboIsTheMaximalLikelihood()
    {
        List<string> failures = [];
        int compared = 0;
        foreach ((string name, int latents, double expected, InMemoryRows rows) in Cases())
        {
            for (ulong seed = 1; seed <= 4; seed++)
            {
                LinearVaeOptions options = new() { Latents = latents, Scaling = ScalingKind.None, Seed = seed, VarianceFloor = Floor };
                TrainingRecord training = new LinearVaeTrainer(options).Fit(rows).Model.Training;
                Compare($"{name} {latents} seed {seed} ({training.StopReason} {training.Epochs})", expected, training.Report!.Summary.Elbo, rows, failures);
                compared++;
            }
        }

        ReferenceTable.AssertNone(failures, compared);
    }

    [TestMethod]
    public void TheClosedForms_AreThatLikelihood()
    {
        List<string> failures = [];
        int compared = 0;
        foreach ((string name, int latents, double expected, InMemoryRows rows) in Cases())
        {
            LinearVaeOptions options = new() { Latents = latents, Scaling = ScalingKind.None, Initialisation = LinearVaeInitialisation.ClosedForm, VarianceFloor = Floor };
            foreach (ITrainer trainer in new ITrainer[] { new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = latents, Scaling = ScalingKind.None, VarianceFloor = Floor }), new LinearVaeTrainer(options) })
            {
                TrainingRecord training = trainer.Fit(rows).Model.Training;
                Compare($"{trainer.GetType().Name} {name} {latents}", expected, training.Report!.Summary.Elbo, rows, failures);
                compared++;
            }
        }

        ReferenceTable.AssertNone(failures, compared);
    }

    private static void Compare(string what, double expected, double elbo, InMemoryRows rows, List<string> failures)
    {
        double deviation = rows.ReadAll().Values.Chunk(rows.Columns).SelectMany(r => r.Select((v, d) => (v, d))).GroupBy(p => p.d, p => p.v)
            .Max(c => c.Max() - c.Min());
        double bar = Bar * Math.Max(1, Math.Abs(expected + (rows.Columns * Math.Log(deviation))));
        if (!(Math.Abs(expected - elbo) <= bar))
        {
            failures.Add(FormattableString.Invariant($"{what}: {elbo:R} for {expected:R}, {expected - elbo:G3} short"));
        }
    }

    private static IEnumerable<(string Name, int Latents, double Expected, InMemoryRows Rows)> Cases()
    {
        foreach (string[] line in ReferenceTable.Read("ppca-hard.csv"))
        {
            double[] numbers = ReferenceTable.Numbers($"{line[1]} {line[2]} {line[3]}");
            yield return (line[0], (int)numbers[0], numbers[1], new InMemoryRows(ReferenceTable.Numbers(line[4]), (int)numbers[2]));
        }
    }
}
