using System.Text.Json;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>How far a fit is from converged, as JSON: null where its model does not say.</summary>
internal static class CertificateJson
{
    /// <summary>Writes <c>certificate</c> and <c>unclosed</c>.</summary>
    public static void Write(Utf8JsonWriter json, TrainingRecord training)
    {
        if (training.Certificate is { } certificate)
        {
            WriteCertificate(json, certificate);
        }
        else
        {
            json.WriteNull("certificate");
        }

        if (training.Unclosed is not { } unclosed)
        {
            json.WriteNull("unclosed");
            return;
        }

        json.WriteStartObject("unclosed");
        JsonReport.Number(json, "priorResidual", unclosed.PriorResidual);
        JsonReport.Number(json, "noiseResidual", unclosed.NoiseResidual);
        JsonReport.Number(json, "priorResidualSize", unclosed.PriorResidualSize);
        JsonReport.Number(json, "noiseResidualSize", unclosed.NoiseResidualSize);
        JsonReport.Number(json, "gained", unclosed.Gained);
        json.WriteEndObject();
    }

    private static void WriteCertificate(Utf8JsonWriter json, ConvergenceCertificate certificate)
    {
        json.WriteStartObject("certificate");
        Optional(json, "expectedGain", certificate.ExpectedGain);
        json.WriteString("method", JsonNamingPolicy.CamelCase.ConvertName(certificate.Method.ToString()));
        Optional(json, "nextStep", certificate.NextStep);
        Optional(json, "rise", certificate.Rise);
        JsonReport.Number(json, "riseError", certificate.RiseError);
        json.WriteNumber("window", certificate.Window);
        JsonReport.Number(json, "tolerance", certificate.Tolerance);
        Optional(json, "baseline", certificate.Baseline);
        json.WriteStartObject("eulerResiduals");
        foreach (EulerResidual residual in certificate.EulerResiduals)
        {
            JsonReport.Number(json, residual.Block, residual.Residual);
        }

        json.WriteEndObject();
        WriteWorst(json, certificate.Worst);
        json.WriteString("remark", certificate.Remark);
        json.WriteEndObject();
    }

    private static void WriteWorst(Utf8JsonWriter json, EulerResidual? worst)
    {
        if (worst is null)
        {
            json.WriteNull("worst");
            return;
        }

        json.WriteStartObject("worst");
        json.WriteString("block", worst.Block);
        JsonReport.Number(json, "residual", worst.Residual);
        JsonReport.Number(json, "error", worst.Error);
        json.WriteString("unit", worst.WorstUnit);
        Optional(json, "unitResidual", worst.WorstResidual);
        json.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter json, string name, double? value) => JsonReport.Number(json, name, value ?? double.NaN);
}
