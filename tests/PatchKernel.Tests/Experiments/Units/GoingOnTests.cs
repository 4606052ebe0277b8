namespace PatchKernel.Tests.Experiments.Units;

/// <summary>What a study's folder can still be gone on with: damaged units, units of any size, the device that it began on.</summary>
public sealed class GoingOnTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Output => folder.File("out");

    private string Refusal(Study study) => Assert.Throws<PatchKernelException>(() => MiniStudy.Run(study, Output)).Message;

    private byte[] Table => File.ReadAllBytes(Path.Combine(Output, "results.parquet"));

    [Fact]
    public void A_unit_is_missing_without_its_pairs_and_a_broken_one_says_how_it_is_mended()
    {
        var study = MiniStudy.Of(4, unit: 2);
        MiniStudy.Run(study, Output);
        var table = Table;
        File.Delete(Path.Combine(Output, "units", "000001.pairs.parquet"));
        Assert.Equal([1], Experiment.Status(Output).Missing);
        Assert.True(MiniStudy.Run(study, Output).IsComplete);
        foreach (var name in new[] { "000000.parquet", "000001.pairs.parquet" })
        {
            // As a power cut leaves it.
            File.WriteAllText(Path.Combine(Output, "units", name), "");
            Assert.EndsWith("delete this file and run the study again, which does that unit anew.", Refusal(study), StringComparison.Ordinal);
            File.Delete(Path.Combine(Output, "units", name));
            Assert.True(MiniStudy.Run(study, Output).IsComplete);
            Assert.Equal(table, Table);
        }
    }

    [Fact]
    public void A_unit_may_be_larger_than_the_study()
    {
        Assert.Equal(1, Experiment.Check(MiniStudy.Of(2, unit: int.MaxValue)).Units);
        Assert.Equal(1, MiniStudy.Run(MiniStudy.Of(2, unit: int.MaxValue), Output).Done);
        Assert.Equal(2, MiniStudy.PairRows(Output).Count);
    }

    [Fact]
    public void A_study_goes_on_with_what_it_began_on()
    {
        var study = MiniStudy.Of(2);
        MiniStudy.Run(study, Output);
        Assert.True(MiniStudy.Run(study with { Device = "auto" }, Output).IsComplete);
        var record = Path.Combine(Output, "study.json");
        File.WriteAllText(record, File.ReadAllText(record).Replace("\"device\": \"cpu\",\n        \"threads\"", "\"device\": \"cuda:1\",\n        \"threads\"", StringComparison.Ordinal));
        Assert.Contains("mini ran on cuda, and would run on cpu now (--device chooses), which rounds otherwise; give a new folder", Refusal(study), StringComparison.Ordinal);
    }
}
