using Microsoft.ML;
using MLNet.EntropyElbo.LoadCheck;

// Loads every zip of a folder, without any registration and without touching a type of the library, and writes what it
// makes of the folder's rows beside it, bit by bit.
string folder = args[0];
foreach (string zip in Directory.EnumerateFiles(folder, "*.zip").Order(StringComparer.Ordinal))
{
    MLContext ml = new(seed: 5);
    ITransformer model = ml.Model.Load(zip, out _);
    IDataView rows = ml.Data.LoadFromBinary(Path.ChangeExtension(zip, ".idv"));
    File.WriteAllLines(Path.ChangeExtension(zip, ".loaded"), Bits.Of(model.Transform(rows), rows.Schema));
}
