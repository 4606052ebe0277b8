using System.Diagnostics;
using System.Globalization;
using PatchKernel.Units;

namespace PatchKernel.Benchmarks;

/// <summary>Pairs a minute of a study beside the naive loop over the same cells, and how much the process grows with ten and with two hundred pairs.</summary>
/// <remarks>The naive loop is one full forward a cell after the two runs that are kept, over some of the pairs.</remarks>
internal static class Studies
{
    private const int NaivePairs = 4;

    public static void Run(string model, string data, string roles)
    {
        Console.WriteLine("pairs   seconds   pairs/min   naive pairs/min   ratio   grown MB");
        var naive = Naive(model, data, roles);
        foreach (var pairs in (int[])[10, 50, 200])
        {
            var folder = Directory.CreateTempSubdirectory("study").FullName;
            try
            {
                var study = StudyOf(model, data, roles, pairs);
                var watch = new Stopwatch();
                ExperimentStatus? status = null;
                var grown = Machine.Growth(() =>
                {
                    watch.Restart();
                    status = Experiment.Run(study, folder);
                    watch.Stop();
                });
                var run = StudyFolder.Open(folder).Record.Data.Rows;
                var speed = 60 * run / watch.Elapsed.TotalSeconds;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run,5} {watch.Elapsed.TotalSeconds,9:0.0} {speed,11:0} {naive,17:0.0} {speed / naive,7:0.0} {grown,10:0}"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static Study StudyOf(string model, string data, string roles, int pairs) =>
        new() { Models = [model], Data = data, Selection = new() { Limit = pairs }, Roles = TokenRole.ParseAll(roles), Controls = [] };

    private static double Naive(string path, string data, string roles)
    {
        using var model = LanguageModel.Load(path, device: "cpu");
        PromptPair[] pairs = [.. ExperimentData.Load(data, new() { Limit = NaivePairs }).Rows.Select(row => row.In(model.Tokenizer!))];
        var watch = Stopwatch.StartNew();
        foreach (var pair in pairs) Sweep.Run(model, pair, new SweepOptions { Roles = TokenRole.ParseAll(roles), Method = SweepMethod.Naive });
        return 60 * pairs.Length / watch.Elapsed.TotalSeconds;
    }
}
