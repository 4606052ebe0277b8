using System.Text.Json;

namespace PatchKernel.TrainMini;

/// <summary>Somebody the model learns about.</summary>
/// <param name="First">First name, one token.</param>
/// <param name="Last">Last name, one token that nobody else has.</param>
/// <param name="Profession">What they are known for, one token.</param>
internal sealed record Person(string First, string Last, string Profession)
{
    /// <summary>First and last name.</summary>
    public string Name => $"{First} {Last}";
}

/// <summary>Everybody in people.json.</summary>
internal sealed class People
{
    private readonly Dictionary<string, Person> byName;

    private People(IEnumerable<Person> people)
    {
        All = [.. people];
        byName = All.ToDictionary(person => person.Name);
        ByProfession = All.GroupBy(person => person.Profession).ToDictionary(group => group.Key, group => group.ToArray());
    }

    /// <summary>The people, in the file's order.</summary>
    public IReadOnlyList<Person> All { get; }

    /// <summary>The people of each profession; no two of them share a first name.</summary>
    public IReadOnlyDictionary<string, Person[]> ByProfession { get; }

    /// <summary>Somebody by full name.</summary>
    public Person this[string name] => byName[name];

    /// <summary>Reads the list that is built into this assembly.</summary>
    public static People Load()
    {
        using var stream = typeof(People).Assembly.GetManifestResourceStream("people.json")!;
        var names = JsonSerializer.Deserialize<Dictionary<string, string[]>>(stream)!;
        return new People(names.SelectMany(group => group.Value.Select(name => Parse(name, group.Key))));
    }

    private static Person Parse(string name, string profession) =>
        name.Split(' ') is [var first, var last] ? new Person(first, last, profession) : throw new FormatException($"'{name}' isn't a first and a last name.");
}
