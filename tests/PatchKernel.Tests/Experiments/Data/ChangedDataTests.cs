using System.Text;
using CsCheck;

namespace PatchKernel.Tests.Experiments;

/// <summary>Data files with bytes changed, lost or put in: they load, or are refused in one sentence.</summary>
public sealed class ChangedDataTests
{
    private static readonly Dictionary<string, string> Files = new()
    {
        ["a.csv"] = "id,clean,corrupt,clean_targets,corrupt_target,s,n\na,\"The \"\"sky\"\" is\",The sea is,\"[\"\" x\"\"]\", y,\"[[0, 3], [0, 3]]\",1\r\nb,é,😀, x, y,,\n",
        ["b.csv"] = "template,clean_subject,corrupt_subject,options,clean_target,corrupt_target\nA {subject} or {options}.,é,😀,\"[\"\"p\"\", \"\"q\"\"]\", x, y\n",
        ["a.jsonl"] = "{\"id\": 1, \"clean\": \"The sky is\", \"corrupt\": \"é😀\", \"clean_targets\": [\" x\", \" z\"], \"corrupt_target\": \" y\", \"s\": [[[0, 3], [0, 1]]], \"n\": null}\n{\"id\": 2, \"clean\": \"a\", \"corrupt\": \"b\", \"clean_target\": \" x\", \"corrupt_target\": \" y\"}\n",
        ["p.json"] = "{ \"pairs\": [ { \"name\": \"a\", \"template\": \"{subject} or {options}\", \"options\": [\"p\"],\n \"clean\": { \"subject\": \"x\", \"target\": \" t\" }, \"corrupt\": { \"subject\": \"y\", \"target\": \" u\" } } ] }",
    };

    private static readonly Gen<byte[]> Pieces = Gen.OneOf<byte[]>(
        Gen.Byte.Select(value => new[] { value }),
        Gen.OneOf("\"", "[", "]", "[[", "{", "}", ",", "\n", "\r", "\0", "NaN", "-1", "9999999999", "\\ud800", "null", "{x}", "\uFEFF").Select(Encoding.UTF8.GetBytes));

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_changed_file_loads_or_is_refused_in_one_sentence(string name)
    {
        var content = Encoding.UTF8.GetBytes(Files[name]);
        using var folder = new TemporaryFolder();
        Check(folder, name, content);
        Gen.Select(Gen.Int[0, content.Length], Gen.Int[0, 3], Pieces).List[1, 3].Sample(changes =>
        {
            byte[] changed = content;
            foreach (var (at, lost, put) in changes) changed = [.. changed.Take(at), .. put, .. changed.Skip(at + lost)];
            Check(folder, name, changed);
        }, iter: 1500, threads: 1);
    }

    private static void Check(TemporaryFolder folder, string name, byte[] content)
    {
        File.WriteAllBytes(folder.File(name), content);
        foreach (var skipBad in new[] { false, true })
            try
            {
                var data = ExperimentData.Load(folder.File(name), new DataSelection { SkipBad = skipBad });
                Assert.NotEmpty(data.Rows);
                Assert.Equal(data.Total, data.Rows.Count + data.Skipped.Count);
            }
            catch (PatchKernelException e)
            {
                Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            }
    }
}
