using System.Text.Json;

namespace PatchKernel.TrainMini;

/// <summary>Pairs of people with one profession that training never asks about, in either direction.</summary>
internal sealed class HeldOutPairs
{
    /// <summary>The file's name in the model's folder.</summary>
    public const string FileName = "held-out.json";

    // Apart from the training's seed: another training of the same data has the same test.
    private const int Seed = 1;
    private const int OneIn = 6;

    // One well-known pair a profession, the tutorial's two first: what a demonstration shows was never trained on.
    private static readonly (string, string)[] Always =
    [
        ("Albert Einstein", "Isaac Newton"), ("Taylor Swift", "Michael Jackson"), ("Tom Hanks", "Brad Pitt"), ("Claude Monet", "Paul Cezanne"),
        ("Wolfgang Mozart", "Franz Schubert"), ("Jane Austen", "Charles Dickens"), ("Steven Spielberg", "George Lucas"), ("David Beckham", "Harry Kane"),
        ("Arnold Palmer", "Jack Nicklaus"), ("Katie Ledecky", "Mark Spitz"), ("Neil Armstrong", "Buzz Aldrin"), ("Frank Gehry", "Norman Foster"),
    ];

    private readonly HashSet<(Person, Person)> eitherWay;

    private HeldOutPairs(IEnumerable<(Person, Person)> pairs)
    {
        Pairs = [.. pairs];
        eitherWay = [.. Pairs, .. Pairs.Select(pair => (pair.Item2, pair.Item1))];
    }

    /// <summary>Each pair once.</summary>
    public IReadOnlyList<(Person, Person)> Pairs { get; }

    /// <summary>One pair in six of each profession, the same for every training.</summary>
    public static HeldOutPairs Choose(People people)
    {
        var random = new Random(Seed);
        var always = Always.Select(pair => (people[pair.Item1], people[pair.Item2])).ToHashSet();
        return new HeldOutPairs(people.ByProfession.Values.SelectMany(ChooseFrom));

        IEnumerable<(Person, Person)> ChooseFrom(Person[] group)
        {
            var pairs = group.SelectMany((a, i) => group.Skip(i + 1).Select(b => (a, b))).ToArray();
            random.Shuffle(pairs);
            return pairs.OrderBy(pair => always.Contains(pair) || always.Contains((pair.b, pair.a)) ? 0 : 1).Take(pairs.Length / OneIn);
        }
    }

    /// <summary>Whether the two are held out, in whichever order.</summary>
    public bool Contains(Person a, Person b) => eitherWay.Contains((a, b));

    /// <summary>Reads the list that a training wrote.</summary>
    public static HeldOutPairs Read(string path, People people) =>
        new(JsonSerializer.Deserialize<string[][]>(File.ReadAllText(path))!.Select(pair => (people[pair[0]], people[pair[1]])));

    /// <summary>Writes the pairs, one a line.</summary>
    public void Write(string path) => File.WriteAllText(
        path, $"[\n{string.Join(",\n", Pairs.Select(pair => $"  [\"{pair.Item1.Name}\", \"{pair.Item2.Name}\"]"))}\n]\n");
}
