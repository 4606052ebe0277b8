using System.Text.Json;
using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Cells of an estimate that are computed exactly too.</summary>
public sealed class CheckedCellsTests
{
    private static readonly SweepOptions Atp = new() { Method = SweepMethod.Atp, Metrics = [Metric.LogitDiff, Metric.Kl], Estimate = new() { Check = 9 } };

    private static readonly SweepOptions[] Grids =
    [
        Atp, Atp with { Site = Activation.Z, Positions = Positions.Each }, Atp with { Site = Activation.K, Direction = Direction.Noising }, Atp with { Site = Activation.MlpOut, Window = 3 },
        Atp with { Source = new PatchSource.Noise(Samples: 3) }, Atp with { Site = Activation.V, Roles = TokenRole.ParseAll("2:2+3:3,last"), Method = SweepMethod.Ig },
        Atp with { Source = PatchSource.Zero },
    ];

    [Fact]
    public void Exact_numbers_are_the_whole_sweep_s()
    {
        using var model = RandomModel.Create();
        foreach (var options in Grids)
        {
            var estimate = Sweep.Run(model, RandomModel.Pair, options);
            var exact = Sweep.Run(model, RandomModel.Pair, options with { Method = SweepMethod.Wavefront });
            var cells = estimate.Checked!.Largest.Concat(estimate.Checked.Sample).ToArray();
            Assert.Equal(cells.Length, cells.Distinct().Count());
            foreach (var metric in options.Metrics) Near.Equal([.. cells.Select(cell => exact.Raw(metric)[cell])], estimate.Checked.Values[metric.Name], 1e-5f, $"{options}");
        }
    }

    [Fact]
    public void The_largest_are_checked_and_some_others_that_a_patch_can_change()
    {
        using var model = RandomModel.Create();
        var result = Sweep.Run(model, RandomModel.Pair, Atp);
        var corrupt = result.CorruptRun.Of(Metric.LogitDiff);
        float Size(int cell) => Math.Abs(result.Raw(Metric.LogitDiff)[cell] - corrupt);
        var (largest, sample) = (result.Checked!.Largest, result.Checked.Sample);
        Assert.Equal((5, 4), (largest.Count, sample.Count));
        Assert.Equal(Enumerable.Range(0, 18).OrderByDescending(Size).Take(5), largest);
        Assert.All(largest.Concat(sample), cell => Assert.True(cell % 6 >= 2)); // the prompts differ from position 2 on
        Assert.Equal(sample, Sweep.Run(model, RandomModel.Pair, Atp).Checked!.Sample);
        Assert.NotEqual(sample, Sweep.Run(model, RandomModel.Pair, Atp with { Seed = 3 }).Checked!.Sample);
        // Fewer cells than are asked for: all twelve that can change.
        var all = Sweep.Run(model, RandomModel.Pair, Atp with { Estimate = new() }).Checked!;
        Assert.Equal(12, all.Largest.Count + all.Sample.Count);
        Assert.Null(Sweep.Run(model, RandomModel.Pair, Atp with { Estimate = new() { Check = 0 } }).Checked);
        Assert.Null(Sweep.Run(model, RandomModel.Pair, Atp with { Method = SweepMethod.Wavefront }).Checked);
    }

    [Fact]
    public void Several_grids_are_checked_in_one_pass()
    {
        using var model = RandomModel.Create();
        var other = RandomModel.Pair with { Corrupt = Prompt.FromIds([9, 14, 35, 8, 26, 5]), Name = "other" };
        SweepRequest[] requests = [new(RandomModel.Pair, Atp), new(other, Atp with { Site = Activation.Q, Estimate = Atp.Estimate with { Fixes = EstimateFixes.Softmax } }), new(other, Atp with { Estimate = new() { Check = 0 } })];
        var together = Sweep.Run(model, requests);
        foreach (var (request, result) in requests.Zip(together))
        {
            var alone = Sweep.Run(model, request.Pair, request.Options);
            Assert.Equal(alone.Checked?.Largest, result.Checked?.Largest);
            Assert.Equal(alone.Checked?.Sample, result.Checked?.Sample);
            Near.Equal(alone.Raw(Metric.LogitDiff), result.Raw(Metric.LogitDiff), 1e-5f, "estimates");
            if (result.Checked is { } check) Near.Equal(alone.Checked!.Values["kl"], check.Values["kl"], 1e-5f, "exact");
        }
    }

    [Theory, InlineData(Direction.Denoising), InlineData(Direction.Noising)]
    public void Both_are_changes_from_the_run_that_is_patched(Direction direction)
    {
        using var model = RandomModel.Create();
        var result = Sweep.Run(model, RandomModel.Pair, Atp with { Direction = direction });
        var run = direction == Direction.Denoising ? result.CorruptRun : result.CleanRun;
        var check = result.Agreement(Metric.Kl)!;
        Assert.Equal(result.Checked!.Values["kl"].Select(value => value - run.Of(Metric.Kl)), check.Largest.Concat(check.Sample).Select(point => point.Exact));
        Assert.Equal(result.Checked.Sample.Select(cell => result.Raw(Metric.Kl)[cell] - run.Of(Metric.Kl)), check.Sample.Select(point => point.Estimate));
        Assert.Equal($"layer {result.Checked.Largest[0] / 6}, pos {result.Checked.Largest[0] % 6} {RandomModel.Pair.Clean.Ids[result.Checked.Largest[0] % 6]}", check.Largest[0].Name);
        Assert.Equal(result.Agreement(Metric.Kl)!.ToString(), result.By(Metric.Kl).Agreement()!.ToString());
        var caption = Heatmap.Draw(result).Caption;
        Assert.Contains($"An estimate by atp: gradient at the {(direction == Direction.Denoising ? "corrupt" : "clean")} run", caption);
        Assert.Contains($"Checked, in logits: the 5 largest, against the exact effect: {result.Agreement()!.OfLargest} at {result.Agreement()!.Largest[result.Agreement()!.OfLargest!.WorstIndex].Name}", caption);
        Assert.EndsWith($"put into the {(direction == Direction.Denoising ? "corrupt" : "clean")} run, estimated by atp", caption[0], StringComparison.Ordinal);
        Assert.Contains("logit_diff, estimated by atp, 3 layers", $"{result}", StringComparison.Ordinal);
        var chart = AgreementChart.Draw(result);
        Assert.Contains("Random sample: " + result.Agreement()!.OfSample, string.Join('\n', chart.Caption), StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_file_has_them_and_how_near_they_are()
    {
        using var model = RandomModel.Create();
        using var folder = new TemporaryFolder();
        var result = Sweep.Run(model, RandomModel.Pair, Atp with { Site = Activation.K, Method = SweepMethod.Ig, Estimate = new() { Check = 6, Steps = 3, Fixes = EstimateFixes.GradDrop | EstimateFixes.Softmax } });
        var file = folder.File("r.json");
        result.Save(file);
        var read = SweepResult.Load(file);
        Assert.Equal(("ig", "embeddings' path from the corrupt to the clean run, k/3 for k = 0 … 2; queries and keys through the softmax exactly; GradDrop: mean size with one layer after another left out of the gradient, signed as with none left out"), (read.Method, read.Conventions));
        Assert.Equal(result.Checked!.Largest, read.Checked!.Largest);
        Assert.Equal(result.Checked.Sample, read.Checked.Sample);
        Assert.Equal(result.Checked.Values, read.Checked.Values);
        Assert.Equal($"{result.Agreement()}", $"{read.Agreement()}");
        Assert.Equal(result.ToJson(), read.ToJson());
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        var stored = json["checked"]!["agreement"]!["logit_diff"]!["largest"]!;
        Assert.Equal(result.Agreement()!.OfLargest!.Pearson, (double)stored["pearson"]!, 1e-9);
        Assert.Equal(result.Checked.Largest[result.Agreement()!.OfLargest!.WorstIndex], (int)stored["worst_cell"]!);
        Refused("checked.largest", cells => cells["largest"]![0] = 999);
        Refused("checked.values", cells => cells["values"]!.AsObject().Remove("logit_diff"));
        Refused("checked.values.kl has 1 numbers for 6 cells", cells => cells["values"]!["kl"] = new JsonArray(1));

        void Refused(string why, Action<JsonNode> change)
        {
            var changed = JsonNode.Parse(File.ReadAllText(file))!;
            change(changed["checked"]!);
            File.WriteAllText(folder.File("x.json"), changed.ToJsonString(new JsonSerializerOptions()));
            Assert.Contains(why, Assert.Throws<PatchKernelException>(() => SweepResult.Load(folder.File("x.json"))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Averages_are_of_one_kind_and_say_how_near_all_of_them_are()
    {
        using var model = RandomModel.Create();
        var pairs = new[] { RandomModel.Pair, RandomModel.Pair with { Corrupt = Prompt.FromIds([3, 14, 30, 9, 26, 5]) } };
        SweepResult[] estimates = [.. pairs.Select(pair => Sweep.Run(model, pair, Atp with { Site = Activation.Z }))];
        var average = SweepAverage.Of(estimates);
        Assert.Equal(10, average.Agreement!.Largest.Count);
        Assert.Contains(AverageChart.Draw(average).Caption, line => line.StartsWith("Checked, in logits: the 10 largest, against the exact effect: Pearson", StringComparison.Ordinal));
        var exact = Sweep.Run(model, pairs[0], Atp with { Site = Activation.Z, Method = SweepMethod.Wavefront });
        Assert.Contains("estimated by atp (gradient at the corrupt run)", Assert.Throws<PatchKernelException>(() => SweepAverage.Of(exact, estimates[1])).Message, StringComparison.Ordinal);
        Assert.Contains("exact", Heatmaps.Draw(exact, estimates[0]).ToFigureJson(), StringComparison.Ordinal);
    }
}
