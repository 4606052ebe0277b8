using System.IO.Compression;
using System.Text;

namespace PatchKernel.Charts;

/// <summary>A script, packed for a notebook's output: whoever saves the notebook saves it too.</summary>
internal static class PackedScript
{
    /// <summary>A script element that unpacks the script and runs it, in any browser of 2023 or newer; in an older one charts stay pictures.</summary>
    /// <param name="script">The script, without its element.</param>
    /// <param name="start">The element's own first tag.</param>
    /// <param name="unless">What the page has, a global, once the script has run.</param>
    public static string Element(string script, string start, string unless) =>
        $$"""
        {{start}}(function(){if(window.{{unless}}||!window.DecompressionStream)return;
        var packed=Uint8Array.from(atob("{{Packed(script)}}"),function(c){return c.charCodeAt(0);});
        new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text().then(function(text){
        var script=document.createElement("script");script.textContent=text;document.head.appendChild(script);});})();</script>
        """;

    private static string Packed(string script)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.SmallestSize)) gzip.Write(Encoding.UTF8.GetBytes(script));
        return Convert.ToBase64String(bytes.ToArray());
    }
}
