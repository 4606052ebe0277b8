using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PatchKernel;
using PatchKernel.TrainMini;

const int TestQuestions = 2000;
const int TestSeed = 1;
const int TestPairs = 200;

var steps = new Option<int>("--steps") { Description = "How many steps to train", DefaultValueFactory = _ => 2600 };
var seed = new Option<int>("--seed") { Description = "Seed of the weights and of the questions", DefaultValueFactory = _ => 2 };
var folder = new Option<string>("--out") { Description = "Where the checkpoint goes", DefaultValueFactory = _ => Path.Combine("models", "mini") };
var command = new RootCommand("Trains the small model that ships with PatchKernel.") { steps, seed, folder };
command.SetAction(parsed => Train(parsed.GetValue(steps), parsed.GetValue(seed), parsed.GetValue(folder)!));
var (count, file) = (new Option<int>("--count") { Description = "How many pairs", DefaultValueFactory = _ => TestPairs }, new Option<string>("--out") { Description = "The file", DefaultValueFactory = _ => Path.Combine("data", "mini-pairs.jsonl") });
var pairs = new Command("pairs", "Writes pairs of questions that training never asked, as a study's data.") { count, file };
pairs.SetAction(parsed =>
{
    var people = People.Load();
    PairFile.Write(new QuestionSource(people, HeldOutPairs.Choose(people), TestSeed), parsed.GetValue(count), parsed.GetValue(file)!);
});
command.Subcommands.Add(pairs);
return command.Parse(args).Invoke();

static void Train(int steps, int seed, string folder)
{
    CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
    var clock = Stopwatch.StartNew();
    Directory.CreateDirectory(folder);
    var people = People.Load();
    var heldOut = HeldOutPairs.Choose(people);
    heldOut.Write(Path.Combine(folder, HeldOutPairs.FileName));
    var words = TokenizerWriter.Words(people);
    TokenizerWriter.Write(folder, words);
    var config = MiniModel.Config(words.Count);
    MiniModel.WriteConfig(folder, config);
    Console.WriteLine($"{people.All.Count} people, {people.ByProfession.Count} professions, {heldOut.Pairs.Count} pairs held out, {words.Count} words; seed {seed}");

    var weights = Path.Combine(folder, "model.safetensors");
    using (var trainer = new Trainer(config, people, heldOut, Tokenizer.Load(folder), steps, seed))
    {
        trainer.Run(report => Console.WriteLine(
            $"step {report.Step,5}  loss {report.Loss:F4}  accuracy {report.Accuracy,7:P2}  {report.Elapsed.TotalSeconds,5:F0} s"));
        trainer.Parameters.Write(weights);
    }
    Console.WriteLine($"trained in {clock.Elapsed.TotalMinutes:F1} minutes; sha256 {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weights)))}");

    using var model = LanguageModel.Load(folder, device: "cpu");
    foreach (var wording in Wording.All)
    {
        var accuracy = Accuracy.OnHeldOut(model, new QuestionSource(people, heldOut, TestSeed), wording, TestQuestions);
        Console.WriteLine($"{TestQuestions} questions on held-out pairs, {wording.Name}: first token {accuracy.FirstToken:P2}, full name {accuracy.FullName:P2}");
        Console.WriteLine(Stages.Measure(model, new QuestionSource(people, heldOut, TestSeed), wording, TestPairs));
    }
}
