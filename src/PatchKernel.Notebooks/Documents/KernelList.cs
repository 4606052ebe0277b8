using PatchKernel.Json;

namespace PatchKernel.Notebooks;

/// <summary>A notebook's list of kernels, <c>kernelInfo</c>, as somebody else wrote it.</summary>
internal static class KernelList
{
    public const string Key = "kernelInfo";
    public const string Default = "defaultKernelName";

    /// <summary>Checks it.</summary>
    /// <exception cref="PatchKernelException">A kernel has no name, or two have the same.</exception>
    public static void Check(JsonPart list)
    {
        _ = list.Find(Default)?.Text();
        var names = new HashSet<string>();
        foreach (var kernel in list.Find("items")?.Items() ?? [])
        {
            foreach (var name in (kernel.Find("aliases")?.Items() ?? []).Prepend(kernel.Require("name")))
            {
                if (string.IsNullOrWhiteSpace(name.Text())) throw name.But("a kernel needs a name");
                if (name.Text().StartsWith('#')) throw name.But("a kernel's name can't begin with #");
                if (!names.Add(name.Text())) throw name.But("another kernel has that name already");
            }
            _ = kernel.Find("languageName")?.Text();
        }
    }
}
