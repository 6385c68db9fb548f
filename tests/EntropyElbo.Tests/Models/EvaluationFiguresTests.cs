using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Tests.Fuzz;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Models;

/// <summary>An evaluation is made of finite numbers, or is an error.</summary>
[TestClass]
public sealed class EvaluationFiguresTests
{
    [TestMethod]
    [DataRow("ppca")]
    [DataRow("linear-vae")]
    [DataRow("factor-analysis")]
    public void RowsWhoseSquaresOverflowHaveNoFigures(string family)
    {
        FuzzModels.Case made = FuzzModels.All.First(c => c.Family == family);
        LatentModel model = made.Trainer(1).Fit(made.Rows).Model;
        double[] values = made.Rows.ReadAll().Values;
        values[5] = 1e200;
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => model.Evaluate(new InMemoryRows(values, FuzzModels.Columns)));
        StringAssert.Contains(error.Message, "not all finite");
    }
}
