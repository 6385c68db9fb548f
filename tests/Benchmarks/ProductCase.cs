using EntropyElbo.Numerics;

namespace EntropyElbo.Benchmarks;

/// <summary>The products of a dense layer with inputs X, weights W and output gradients dY.</summary>
internal enum ProductForm
{
    /// <summary>Y = X W, with bias and leaky rectifier.</summary>
    Forward,

    /// <summary>dX = dY W^T, through the rectifier.</summary>
    Inputs,

    /// <summary>dW = X^T dY.</summary>
    Weights,
}

/// <summary>One product with its operands in place.</summary>
internal sealed class ProductCase
{
    private readonly ProductForm _form;
    private readonly MatrixView<float> _x, _w, _y, _gate, _bias;
    private readonly ProductScratch<float> _scratch = new();

    public ProductCase(int rows, int inputs, int outputs, ProductForm form)
    {
        _form = form;
        _x = Filled(rows, inputs, 1);
        _w = Filled(inputs, outputs, 2);
        _y = Filled(rows, outputs, 3);
        _gate = Filled(rows, inputs, 4);
        _bias = Filled(1, outputs, 5);
    }

    public void Run()
    {
        switch (_form)
        {
            case ProductForm.Forward:
                MatrixProduct.Multiply(_x, _w, _y, _bias.PaddedRow(0), 0.01f);
                break;
            case ProductForm.Inputs:
                MatrixProduct.MultiplyTransposedRight(_y, _w, _x, _gate, 0.01f, _scratch);
                break;
            default:
                MatrixProduct.MultiplyTransposedLeft(_x, _y, _w);
                break;
        }
    }

    private static MatrixView<float> Filled(int rows, int columns, int seed)
    {
        MatrixView<float> view = new Matrix<float>(rows, columns);
        RandomStream random = new(2026, RandomPurpose.Initialisation, (ulong)seed);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                view[i][j] = (float)(random.NextUniform() - 0.5);
            }
        }

        return view;
    }
}
