extern alias runner;

using CsCheck;
using PatchKernel.Studies;
using PatchKernel.Tests.Experiments.Units;
using PatchKernel.Units;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Hostile;

/// <summary>Files of prompts, results and notebooks, changed in every way: always one clear sentence, or content that can be shown and written again.</summary>
[Collection(nameof(Alone))]
public sealed class HostileTextTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static readonly string[] Texts = ["\"\"", "\" \"", "\"a\\nb\"", "\"\\ud800\"", "\"\\u001b[31m\"", "null", "7", "[]", $"\"{new string('x', 1 << 20)}\""];
    private static readonly string[] Numbers = ["-1", "0", "1", "7", "1.5", "1e39", "null", "\"NaN\"", "[]", "4294967296"];

    private static Dictionary<string, string[]> Values(string texts, string numbers) => texts.Split(' ').Select(key => KeyValuePair.Create(key, Texts))
        .Concat(numbers.Split(' ').Select(key => KeyValuePair.Create(key, Numbers))).ToDictionary();

    private void Try(string name, byte[] good, Gen<Change<byte[]>> changes, Action<string> check)
    {
        var path = folder.File(name);
        var tally = new Tally();
        changes.Array[1, 2].Sample(some =>
        {
            var bytes = some.All(good);
            File.Delete(path); // truncating a file makes some file systems wait for the disk
            File.WriteAllBytes(path, bytes);
            tally.Add(Trial.Refusal(path, bytes.Length, () => check(path)));
        }, iter: Trial.Count, threads: 1, print: some => string.Join("; ", (object[])some));
        tally.Check();
    }

    [Fact]
    public void Any_prompts() => Try(
        "prompts.json", File.ReadAllBytes(TestData.InRepository("data", "prompts.json")),
        JsonChange.Any(Values("name clean corrupt clean_target corrupt_target subject note source", "models probability")), path =>
        {
            var book = PromptBook.Load(path);
            Assert.All(book.Pairs, pair => Assert.Same(pair, book.Find(pair.Name)));
            Assert.NotEmpty(book.ToHtml());
        });

    [Fact]
    public void Any_result()
    {
        SampleResults.Small().Save(folder.File("good.json"));
        Try(
            "result.json", File.ReadAllBytes(folder.File("good.json")),
            JsonChange.Any(Values("format model site direction metrics method dtype text source name description unit clean_is", "version layers heads axes shape values id clean_target best window")), path =>
            {
                var result = SweepResult.Load(path);
                Assert.NotEmpty(result.ToString());
                result.Save(folder.File("again.json"));
            });
    }

    [Fact]
    public void Any_circuit()
    {
        var graph = new EdgeGraph(RandomModel.Config);
        var good = new ScoredGraph
        {
            Model = "random",
            Graph = graph,
            Pair = "pair",
            Metric = "logit_diff",
            Unit = "logits",
            Method = "eap",
            Conventions = "gradient at the corrupt run",
            Edges = [.. graph.Edges.Where((_, at) => at % 9 == 0).Select((edge, at) => new ScoredEdge(edge, at - 7, at % 2 == 0 ? at : null))],
        };
        Try(
            "circuit.json", System.Text.Encoding.UTF8.GetBytes(good.ToJson()),
            JsonChange.Any(Values("format name pair metric unit method conventions direction sign sender receiver", "version layers heads key_value_heads parallel pairs score exact")), path =>
            {
                var scored = ScoredGraph.Load(path);
                scored.Save(folder.File("again.json"));
                Assert.Equal(scored.ToJson(), ScoredGraph.Load(folder.File("again.json")).ToJson());
                if (scored.Edges.Count > 0) Assert.NotEmpty(CircuitText.GraphML(scored.Graph, scored.Edges) + CircuitText.Dot(scored.Graph, scored.Edges));
                _ = CircuitChart.Draw(scored.Graph, scored.Edges.Count > 0 ? scored.Edges : good.Edges, new() { Caption = scored.Caption });
            });
    }

    [Fact]
    public void Any_graph_of_EAP_IG()
    {
        var config = RandomModel.Config with { NLayers = 1 };
        var good = EapIgGraph.Of(config, [.. new EdgeGraph(config).Edges.Select((_, at) => at - 7f)]);
        Try(
            "graph.json", System.Text.Encoding.UTF8.GetBytes(good.ToJson()), JsonChange.Any(Values("input logits", "n_layers n_heads parallel_attn_mlp d_model score in_graph")), path =>
            {
                var graph = EapIgGraph.Load(path);
                graph.Save(folder.File("again.json"));
                Assert.Equal(graph.ToJson(), EapIgGraph.Load(folder.File("again.json")).ToJson());
                foreach (var use in (Action[])[() => graph.CircuitFor(config), () => Assert.Equal(new EdgeGraph(config).Edges.Count, graph.ScoresFor(config).Length), () => graph.ScoredEdges()])
                    if (Record.Exception(use) is { } refusal) Trial.CheckSentence(Assert.IsType<PatchKernelException>(refusal).Message);
            });
    }

    [Fact]
    public void Any_study()
    {
        var good = File.ReadAllBytes(TestData.InRepository("data", "experiment.json"));
        Try(
            "study.json", good, JsonChange.Any(Values("$schema model models data site sites positions metrics metric direction source control dtype device", "limit sample skip seed unit window verify")), path =>
            {
                try
                {
                    Assert.NotEmpty(StudyContent.Of(Study.Load(path)));
                }
                catch (PatchKernelException e) when (!e.Message.Contains(path, StringComparison.Ordinal))
                {
                    throw new PatchKernelException($"'{path}': {e.Message}", e); // fields come from the command line too, so not every fault is the file's
                }
            });
    }

    [Fact]
    public void Any_record_of_a_study()
    {
        using var output = new TemporaryFolder();
        MiniStudy.Run(MiniStudy.Of(2), output.Path);
        var good = StudyFolder.Open(output.Path).Record;
        Try(
            "study.json", File.ReadAllBytes(output.File("study.json")),
            JsonChange.Any(Values("format file hash name location commit config weights device dtype residency torch program command_line", "version rows skipped threads memory pairs_per_unit seed limit")), path =>
            {
                var record = StudyRecord.Read(path);
                _ = good.Difference(record);
                Assert.Null(record.Difference(StudyRecord.Read(path)));
                Assert.InRange(record.Unit(record.Units - 1).From, 0, record.Data.Rows - 1);
            });
    }

    [Theory, InlineData("some.ipynb"), InlineData("some.dib")]
    public void Any_notebook(string name)
    {
        var shipped = TestData.InRepository("notebooks", "01-activation-patching.dib");
        NotebookFile.Save(NotebookFile.Load(shipped), folder.File("good.ipynb"));
        var (good, changes) = name.EndsWith("dib", StringComparison.Ordinal)
            ? (File.ReadAllBytes(shipped), ByteChange.Any(1))
            : (File.ReadAllBytes(folder.File("good.ipynb")),
                JsonChange.Any(Values("cell_type source id name language kernelName output_type text", "nbformat nbformat_minor execution_count cells outputs metadata items aliases")));
        Try(name, good, changes, path =>
        {
            try
            {
                NotebookFile.Save(NotebookFile.Load(path), folder.File("again.ipynb"));
            }
            catch (runner::PatchKernel.PatchKernelException e) // the notebook program has a copy of its own
            {
                throw new PatchKernelException(e.Message, e);
            }
        });
    }
}
