using System.Runtime.InteropServices;
using System.Text.Json;

namespace PatchKernel.Tests.Experiments.Units;

/// <summary>Pairs that can't be run, and controls that a pair can't have: said, and no other pair suffers.</summary>
public sealed class LeftOutPairTests : IDisposable
{
    private const char Damaged = '~';

    private readonly BytesModel model = new();
    private readonly TemporaryFolder output = new();

    public LeftOutPairTests()
    {
        // The damaged letter's embedding is no number.
        var bytes = File.ReadAllBytes(model.File("model.safetensors"));
        var header = (int)BitConverter.ToInt64(bytes);
        using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
        var place = json.RootElement.GetProperty("model.embed_tokens.weight");
        var (start, width) = (place.GetProperty("data_offsets")[0].GetInt32(), place.GetProperty("shape")[1].GetInt32());
        var id = Tokenizer.Load(model.Path).Encode($"{Damaged}")[^1];
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan(8 + header + start + id * width * sizeof(float), width * sizeof(float))).Fill(float.NaN);
        File.WriteAllBytes(model.File("model.safetensors"), bytes);
    }

    public void Dispose()
    {
        model.Dispose();
        output.Dispose();
    }

    [Fact]
    public void A_pair_whose_logits_are_no_numbers_stops_a_study_by_its_line_or_is_left_out()
    {
        var study = Of("cat", "dog", "d~g", "fox");
        Assert.Contains("pairs.jsonl', line 3: The clean run's logits are infinite or not a number", Assert.Throws<PatchKernelException>(() => MiniStudy.Run(study, output.File("stopped"))).Message, StringComparison.Ordinal);

        var (rows, pairs) = MiniStudy.RowsOf(study with { Selection = new() { SkipBad = true } });
        Assert.Equal([null, null, "The clean run's logits", null], pairs.Select(pair => pair.LeftOut?[..22]));
        Assert.Equal((0, 0, ""), (pairs[2].Values.Count, rows.Count(row => row.Pair == pairs[2].Pair), pairs[2].CleanBest));
        Assert.Contains(rows, row => row.Pair == pairs[3].Pair);
        var (alone, _) = MiniStudy.RowsOf(Of("cat", "dog"));
        MiniStudy.Near(alone, [.. rows.Where(row => row.Pair != pairs[3].Pair)], 1e-5f);
    }

    [Fact]
    public void Where_a_patched_run_alone_is_no_number_the_pair_is_left_out_with_its_runs()
    {
        // All donors are damaged ones, so that shuffled runs are no numbers.
        var study = Of("cat", "d~g") with { Selection = new() { SkipBad = true }, Controls = [StudyControl.Shuffled] };
        var status = MiniStudy.Run(study, output.Path);
        var pairs = MiniStudy.PairRows(output.Path);
        Assert.Contains("Another prompt's logits are infinite", pairs[0].LeftOut, StringComparison.Ordinal);
        Assert.True(float.IsFinite(pairs[0].Values["logit_diff"].Clean));
        Assert.Empty(MiniStudy.Results(output.Path));
        Assert.Contains("No pair has results, and the tables are empty; left out: Another prompt's logits are infinite or not a number, and the first such number is in embed, at position 2 (1), The clean run's", status.ToString(), StringComparison.Ordinal);
        Assert.Equal(status.ToString(), Experiment.Status(output.Path).ToString());
    }

    [Fact]
    public void A_pair_without_a_control_says_so_and_the_outcome_counts_them()
    {
        var study = Of("cat", "dog", "horse") with { Controls = [StudyControl.Shuffled] };
        var status = MiniStudy.Run(study, output.Path);
        Assert.Equal([null, null, "shuffled"], MiniStudy.PairRows(output.Path).Select(pair => pair.LacksControls));
        Assert.StartsWith("The only unit is done. All 3 pairs have results. Without the control shuffled: 1 pair, since no other pair has the same shape and another answer.", status.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mean_is_of_one_kind_in_all_of_a_study()
    {
        Study With(IReadOnlyList<TokenRole>? roles, params IReadOnlyList<string> words) => Of(words) with { Sources = [new("mean") { Prompts = 4 }], Controls = [], Roles = roles, Unit = 1 };
        Assert.All(MiniStudy.RowsOf(With(null, "cat", "dog", "fox")).Results, row => Assert.Equal("mean", row.Source));
        Assert.All(MiniStudy.RowsOf(With(null, "cat", "dog", "horse")).Results, row => Assert.Equal("pooled_mean", row.Source));
        Assert.All(MiniStudy.RowsOf(With([TokenRole.Last], "cat", "dog", "horse")).Results, row => Assert.Equal("mean", row.Source));
        var pattern = With(null, "cat", "dog", "horse") with { Sites = [Activation.Pattern] };
        Assert.Contains("leave out the source mean, or the site pattern", Assert.Throws<PatchKernelException>(() => Experiment.Check(pattern)).Message, StringComparison.Ordinal);
        Assert.NotEmpty(MiniStudy.RowsOf(pattern with { Data = With(null, "cat", "dog", "fox").Data }).Results);
    }

    [Fact]
    public void The_check_shows_which_tokens_the_roles_are()
    {
        var plan = Experiment.Check(Of("cat", "dog") with { Roles = TokenRole.ParseAll("last,0:0") });
        Assert.Equal("""Roles of row-1, clean and corrupt: last "t" and "z"; 0:0 "<s>" and "<s>".""".TrimEnd('.'), plan.Example);
        Assert.EndsWith(plan.Example!, plan.ToString(), StringComparison.Ordinal);
        Assert.Null(Experiment.Check(Of("cat")).Example);
    }

    /// <summary>A study whose pairs' clean prompts are words, and whose corrupt ones end in another letter.</summary>
    private Study Of(params IReadOnlyList<string> words)
    {
        var file = output.File("pairs.jsonl");
        Directory.CreateDirectory(output.Path);
        var data = model.File("pairs.jsonl");
        File.WriteAllLines(data, words.Select((word, at) => JsonSerializer.Serialize(new
        {
            clean = word,
            corrupt = word[..^1] + "z",
            clean_target = $"{(char)('a' + at)}",
            corrupt_target = $"{(char)('n' + at)}",
        })));
        return new() { Models = [model.Path], Data = data, Device = "cpu", Unit = 8, Metrics = [Metric.LogitDiff], Controls = [] };
    }
}
