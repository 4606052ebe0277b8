using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PatchKernel.Units;

/// <summary>How a study's records, claims and notes are written.</summary>
internal static class StudyJson
{
    /// <summary>On one line. The resolver is named, since a program's settings may switch the usual one off, as a script's do.</summary>
    public static JsonSerializerOptions Line { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        RespectNullableAnnotations = true, // a record that somebody has edited may lack anything
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>To be read by people.</summary>
    public static JsonSerializerOptions Indented { get; } = new(Line) { WriteIndented = true, NewLine = "\n" };
}
