using PatchKernel.Tests.Experiments.Units;

namespace PatchKernel.Tests.Cli;

/// <summary>A study of a few pairs in a folder of its own, and <c>patchkernel experiment</c> in this process.</summary>
public abstract class ExperimentCommandFolder : IDisposable
{
    private protected readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected string Output => folder.File("out");

    private protected string Study(string fields = "\"data\": { \"file\": \"DATA\", \"limit\": 4 }, \"positions\": [\"subject.last\", \"last\"], \"unit\": 2")
    {
        var json = $$"""{ "model": "{{MiniStudy.Model}}", "device": "cpu", {{fields.Replace("DATA", MiniStudy.Pairs, StringComparison.Ordinal)}} }""";
        File.WriteAllText(folder.File("experiment.json"), json);
        return folder.File("experiment.json");
    }

    private protected static CliRun Experiment(params string[] args) => CliRun.Of(["experiment", .. args]);

    private protected CliRun Run(params string[] options) => Experiment(["run", Study(), "--out", Output, "--threads", "1", .. options]);
}
