namespace PatchKernel.Notebooks;

/// <summary>Pictures beside a notebook, put into what is written elsewhere.</summary>
internal static class PictureData
{
    /// <summary>A picture file as a data URI; null where the link leads to none.</summary>
    /// <param name="link">The link, as it stands in the notebook.</param>
    /// <param name="folder">The notebook's folder.</param>
    public static string? Of(string link, string folder)
    {
        var type = Path.GetExtension(link).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".svg" => "image/svg+xml",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".gif" => "image/gif",
            _ => null,
        };
        var path = Path.Combine(folder, Uri.UnescapeDataString(link));
        return type is not null && File.Exists(path) ? $"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(path))}" : null;
    }
}
