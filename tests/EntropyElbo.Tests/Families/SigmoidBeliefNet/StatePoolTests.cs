using EntropyElbo.Families.SigmoidBeliefNet.States;

namespace EntropyElbo.Tests.Families.SigmoidBeliefNet;

/// <summary>The hashed set of states against a dictionary of their texts.</summary>
[TestClass]
public sealed class StatePoolTests
{
    /// <summary>Bits of the state that differ: all, the first few, the last few, one word of several.</summary>
    [TestMethod]
    [DataRow(1, ulong.MaxValue)]
    [DataRow(1, 0xFFFUL)]
    [DataRow(1, 0xFFF0_0000_0000_0000UL)]
    [DataRow(3, 0x8000_0000_0000_0001UL)]
    [DataRow(3, 0xFFF0_0000_0000_0000UL)]
    public void DistinctStatesAreKeptOnceInTheirOrder(int words, ulong bits)
    {
        Random random = new(7);
        StatePool pool = new(words);
        Dictionary<string, double> oracle = [];
        List<string> order = [];
        ulong[] state = new ulong[words];
        for (int i = 0; i < 20_000; i++)
        {
            for (int w = 0; w < words; w++)
            {
                state[w] = (ulong)random.NextInt64(long.MinValue, long.MaxValue) & bits;
            }

            string text = string.Join(',', state);
            if (!oracle.TryGetValue(text, out double weight))
            {
                order.Add(text);
            }

            oracle[text] = weight + i;
            pool.Add(state, i);
        }

        Assert.AreEqual(order.Count, pool.Count);
        for (int i = 0; i < pool.Count; i++)
        {
            Assert.AreEqual(order[i], string.Join(',', pool[i].ToArray()));
            Assert.AreEqual(oracle[order[i]], pool.Weights[i]);
        }
    }
}
