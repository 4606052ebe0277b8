namespace PatchKernel.Tests.Costs;

/// <summary>Plans told from settings alone, against numbers worked out by hand from the shapes.</summary>
public sealed class SweepCostTests : IDisposable
{
    private static readonly ModelSettings Large = ModelSettings.Load(TestData.InRepository("data", "configs", "llama-3.3-70b.json"));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_70B_model_has_the_size_that_its_name_says()
    {
        const long attention = (2 * 8192 * 8192) + (2 * 8 * 128 * 8192), mlp = 3L * 8192 * 28672;
        const long layer = attention + mlp + (2 * 8192);
        const long parameters = (80 * layer) + (2L * 128256 * 8192) + 8192;
        Assert.Equal(70_553_706_496, parameters);
        Assert.Equal(parameters, ModelTree.Of(Large.Config).Parameters);
        Assert.Equal(2 * parameters, Large.StoredBytes);
        Assert.Equal(("llama-3.3-70b", 0), (Large.Name, Large.Warnings.Count));

        var cost = SweepCost.Of(Large);
        Assert.Equal((4 * parameters, 2 * 4 * layer), (cost.Resident.Weights, cost.Streamed.Weights));
        Assert.Equal((2 * parameters, 0), (cost.Resident.ReadToLoad, cost.Resident.ReadPerSweep));
        Assert.Equal(80L * 28, cost.Cells);
        const long norms = (80 * 2 * 8192) + 8192;
        Assert.Equal(2 * (parameters + norms), SweepCost.Of(Large, dtype: "bfloat16").Resident.Weights); // norms have four bytes
    }

    [Fact]
    public void Its_sweep_costs_what_its_rows_cost()
    {
        // Of 28 tokens, 14 differ: rows begin at 14 to 27 and have 14 + 13 + … + 1 positions. In each layer but the last so many join the lanes.
        const long joining = 14 * 15 / 2, lanes = 2 * 28;
        const long positions = (79 * lanes) + (joining * 79 * 78 / 2); // through the layers 0 to 78
        const double layer = (2.0 * 8192 * 8192) + (2.0 * 1024 * 8192) + (3.0 * 8192 * 28672), attention = 2.0 * 28 * 8192;
        const long rows = 2 + (14 * 79);
        const double last = ((lanes + (79 * joining)) * 2.0 * 1024 * 8192) + (rows * (layer - (2.0 * 1024 * 8192) + attention));
        const double logits = (rows + 1.0) * 8192 * 128256; // of the last layer's last cell too
        var cost = SweepCost.Of(Large);
        Assert.Equal(2 * ((positions * (layer + attention)) + last + logits), cost.Flop, cost.Flop * 1e-9);
        const double forward = (80 * 28 * (layer + attention)) + (8192.0 * 128256);
        Assert.Equal(2 * (2 + (80 * 28)) * forward, cost.NaiveFlop, cost.NaiveFlop * 1e-12);

        // 1109 rows of logits, of which 256 MiB at once are 523: the unembedding is read three times.
        Assert.Equal(2 * ((80L * ((long)layer + (2 * 8192))) + (3L * 128256 * 8192)), cost.Streamed.ReadPerSweep);
        // In bfloat16 both runs and three cells are computed once more, side by side: everything is read once more.
        var narrow = SweepCost.Of(Large, dtype: "bfloat16");
        Assert.Equal(2 * ((2 * 80L * ((long)layer + (2 * 8192))) + (4L * 128256 * 8192)), narrow.Streamed.ReadPerSweep);
        Assert.Equal(cost.Flop + (5 * 2 * forward), narrow.Flop, cost.Flop * 1e-12);
    }

    [Theory]
    [InlineData("""{"num_hidden_layers": 32, "hidden_size": 4096, "intermediate_size": 14336, "tie_word_embeddings": false, """, 8_030_261_248)]
    [InlineData("""{"num_hidden_layers": 16, "hidden_size": 2048, "intermediate_size": 8192, "tie_word_embeddings": true, """, 1_235_814_400)]
    public void Smaller_models_have_their_sizes(string shape, long parameters)
    {
        var config = Write("config.json", shape + """
            "model_type": "llama", "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 131072,
            "dtype": "float32"}
            """);
        foreach (var model in (string[])[config, folder.Path])
        {
            var settings = ModelSettings.Load(model);
            Assert.Equal((Path.GetFileName(folder.Path), 4 * parameters), (settings.Name, settings.StoredBytes));
            var cost = SweepCost.Of(settings);
            Assert.Equal(4 * parameters, cost.Resident.Weights);
            Assert.InRange(cost.Flop, 2.0 * parameters * 28, cost.NaiveFlop / 10);
        }
    }

    [Fact]
    public void Where_weights_are_there_their_headers_say_how_they_are_stored()
    {
        var settings = ModelSettings.Load(CliRun.Tiny);
        Assert.Equal(4 * ModelTree.Of(settings.Config).Parameters, settings.StoredBytes);
        Assert.Equal(2 * ModelTree.Of(ModelSettings.Load(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16")).Config).Parameters,
            ModelSettings.Load(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16")).StoredBytes);
        var gguf = TinyCase.Gguf("llama3.2-tied-gqa-rope3");
        Assert.Equal(settings.StoredBytes, ModelSettings.Load(gguf).StoredBytes);
    }

    [Fact]
    public void What_cant_be_planned_is_refused()
    {
        Assert.Contains("1 to 131072 tokens", Refusal(() => SweepCost.Of(Large, tokens: 0)), StringComparison.Ordinal);
        Assert.Contains("1 to 131072 tokens", Refusal(() => SweepCost.Of(Large, tokens: 131073)), StringComparison.Ordinal);
        Assert.Contains("at 0 to 27, not at 28", Refusal(() => SweepCost.Of(Large, firstDifference: 28)), StringComparison.Ordinal);
        Assert.Contains("can't patch embed", Refusal(() => SweepCost.Of(Large, site: Activation.Embed)), StringComparison.Ordinal);
        Assert.Contains("no compute dtype 'int8'", Refusal(() => SweepCost.Of(Large, dtype: "int8")), StringComparison.Ordinal);
        var text = File.ReadAllText(TestData.InRepository("data", "configs", "llama-3.3-70b.json"));
        var other = Write("other.json", text.Replace("bfloat16", "float8_e4m3fn", StringComparison.Ordinal));
        Assert.Contains("torch_dtype is \"float8_e4m3fn\", which isn't supported", Refusal(() => ModelSettings.Load(other)), StringComparison.Ordinal);
        var vast = Write("vast.json", text.Replace("28672", "16777216", StringComparison.Ordinal).Replace(": 80", ": 4096", StringComparison.Ordinal));
        Assert.Contains("too many for a plan", Refusal(() => SweepCost.Of(ModelSettings.Load(vast))), StringComparison.Ordinal);
        Directory.CreateDirectory(folder.File("empty"));
        Assert.Contains("has no config.json", Refusal(() => ModelSettings.Load(folder.File("empty"))), StringComparison.Ordinal);
    }

    [Fact]
    public void It_shows_as_a_table_of_two_columns()
    {
        var cost = SweepCost.Of(Large);
        Assert.Contains("\nmemory  weights               282.21 GB      6.85 GB\n", cost.ToString(), StringComparison.Ordinal);
        Assert.Contains("\nwork    wavefront             566 TFLOP    566 TFLOP\n", cost.ToString(), StringComparison.Ordinal);
        Assert.Contains(">282.21 GB</td>", cost.ToHtml(), StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(folder.File(name), text);
        return folder.File(name);
    }

    private static string Refusal(Action action) => Assert.Throws<PatchKernelException>(action).Message;
}
