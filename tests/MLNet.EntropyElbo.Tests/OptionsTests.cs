using System.Reflection;
using System.Text.Json;
using Microsoft.ML.SearchSpace;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>What Microsoft.ML.AutoML needs of an options class: annotated properties, and a way through JSON.</summary>
[TestClass]
public sealed class OptionsTests
{
    [TestMethod]
    public void EveryOptionsClass_GoesThroughJson_AsAutoMlSendsIt()
    {
        foreach (Type type in OptionsTypes())
        {
            string whole = JsonSerializer.Serialize(Activator.CreateInstance(type), type);
            Assert.IsNotNull(JsonSerializer.Deserialize(whole, type), type.FullName);
            LatentOptions some = (LatentOptions)JsonSerializer.Deserialize("""{ "Latents": 5, "Seed": 3, "OutputColumnName": "Codes" }""", type)!;
            Assert.AreEqual(5, some.Latents);
            Assert.AreEqual(3, some.Seed);
            Assert.AreEqual("Codes", some.OutputColumnName);
            Assert.AreEqual(LatentOptions.DefaultInputColumnName, some.InputColumnName);
        }
    }

    [TestMethod]
    public void EveryRange_IsOnAPropertyOfItsKind_AndHoldsItsDefault()
    {
        int ranges = 0;
        foreach (Type type in OptionsTypes())
        {
            object defaults = Activator.CreateInstance(type)!;
            Assert.HasCount(0, type.GetFields(BindingFlags.Public | BindingFlags.Instance), "fields are not swept");
            foreach (PropertyInfo property in type.GetProperties())
            {
                if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
                {
                    continue;
                }

                ranges++;
                Assert.AreEqual(property.PropertyType, range.Min.GetType(), $"{type.FullName}.{property.Name}");
                Assert.AreEqual(property.GetValue(defaults), range.Init, $"{type.FullName}.{property.Name}");
                Assert.IsTrue(
                    Convert.ToDouble(range.Min) <= Convert.ToDouble(range.Init) && Convert.ToDouble(range.Init) <= Convert.ToDouble(range.Max));
                Assert.IsTrue(property is { CanRead: true, CanWrite: true });
            }
        }

        Assert.IsGreaterThan(8, ranges);
    }

    private static IEnumerable<Type> OptionsTypes() => typeof(LatentOptions).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(LatentOptions)) && !type.IsAbstract);
}
