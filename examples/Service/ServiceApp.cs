using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EncodingService;

/// <summary>The web application: POST /encode and GET /health.</summary>
internal static class ServiceApp
{
    /// <summary>Rows of a request at most: what is larger belongs into a batch job, or into several requests.</summary>
    public const int MostRows = 10_000;

    /// <summary>Builds it.</summary>
    /// <param name="zip">The model; it is served anew when another file takes its place.</param>
    /// <param name="period">How often to look for that.</param>
    /// <param name="args">ASP.NET Core's own arguments, such as --urls.</param>
    public static WebApplication Create(string zip, TimeSpan period, params string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter(typeof(ModelStore).Namespace, LogLevel.Information)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.Services.AddSingleton(services => new ModelStore(zip, period, services.GetRequiredService<ILogger<ModelStore>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<ModelStore>());
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ServiceJson.Default);
            options.SerializerOptions.NumberHandling |= JsonNumberHandling.AllowNamedFloatingPointLiterals;
        });
        WebApplication app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapPost("/encode", Encode);
        app.MapGet("/health", Look);
        return app;
    }

    private static Results<Ok<EncodeAnswer>, ProblemHttpResult> Encode(EncodeRequest request, ModelStore store)
    {
        ServedModel model = store.Rent();
        try
        {
            return Fault(request.Rows, model.Columns) is { } fault
                ? TypedResults.Problem(fault, statusCode: StatusCodes.Status400BadRequest)
                : TypedResults.Ok(new EncodeAnswer(model.Version, model.Encode(request.Rows)));
        }
        finally
        {
            model.Return();
        }
    }

    /// <summary>Healthy while the zip that lies there is served; degraded, but serving, where a later one was refused.</summary>
    private static Ok<Health> Look(ModelStore store)
    {
        ServedModel model = store.Rent();
        try
        {
            string? problem = store.Problem;
            return TypedResults.Ok(
                new Health(problem is null ? "Healthy" : "Degraded", model.Version, model.Columns, model.Latents, model.LoadedAt, problem));
        }
        finally
        {
            model.Return();
        }
    }

    private static string? Fault(float[][]? rows, int columns)
    {
        if (rows is not { Length: > 0 and <= MostRows })
        {
            return FormattableString.Invariant($"A request has 1 to {MostRows} rows; this one has {rows?.Length ?? 0}.");
        }

        int odd = Array.FindIndex(rows, row => row?.Length != columns);
        return odd < 0
            ? null
            : FormattableString.Invariant($"Row {odd} has {rows[odd]?.Length ?? 0} values; the model takes {columns}.");
    }
}
