namespace PatchKernel.TrainMini;

/// <summary>Draws questions, the same ones for the same seed.</summary>
internal sealed class QuestionSource(People people, HeldOutPairs heldOut, int seed)
{
    private const int Options = 3;
    private readonly Random random = new(seed);
    private readonly string[] professions = [.. people.ByProfession.Keys];

    /// <summary>A question whose subject and answer are not held out.</summary>
    public Question ForTraining()
    {
        var subject = Any();
        return Ask(subject, Pick(people.ByProfession[subject.Profession], other => other != subject && !heldOut.Contains(subject, other)));
    }

    /// <summary>A question whose subject and answer are held out.</summary>
    public Question ForTesting()
    {
        var (a, b) = heldOut.Pairs[random.Next(heldOut.Pairs.Count)];
        return random.Next(2) == 0 ? Ask(a, b) : Ask(b, a);
    }

    /// <summary>The same options asked about somebody else, for whom another one is right; neither subject and answer is held out.</summary>
    public Question AboutAnother(Question question) => AboutAnother(question, (subject, answer) => !heldOut.Contains(subject, answer))!;

    /// <summary>Two questions of one list of options, about a subject each; both subjects and answers are held out.</summary>
    public (Question Clean, Question Corrupt) PairForTesting()
    {
        while (true)
            if (ForTesting() is var clean && AboutAnother(clean, heldOut.Contains) is { } corrupt) return (clean, corrupt);
    }

    /// <summary>Anybody.</summary>
    public Person Any() => people.All[random.Next(people.All.Count)];

    /// <summary>A number in [0, 1).</summary>
    public double Chance() => random.NextDouble();

    private Question? AboutAnother(Question question, Func<Person, Person, bool> allowed)
    {
        var candidates = question.Options.Where(answer => answer != question.Answer)
            .SelectMany(answer => people.ByProfession[answer.Profession].Where(subject =>
                subject != answer && allowed(subject, answer) && question.Options.All(option => option.First != subject.First))
                .Select(subject => new Question(subject, question.Options, answer))).ToArray();
        return candidates.Length == 0 ? null : candidates[random.Next(candidates.Length)];
    }

    private Question Ask(Person subject, Person answer)
    {
        var others = professions.Where(profession => profession != subject.Profession).ToArray();
        random.Shuffle(others);
        var listed = new List<Person> { answer };
        foreach (var profession in others.Take(Options - 1))
            listed.Add(Pick(people.ByProfession[profession], person => person.First != subject.First && listed.All(other => other.First != person.First)));
        var options = listed.ToArray();
        random.Shuffle(options);
        return new Question(subject, options, answer);
    }

    private Person Pick(Person[] from, Func<Person, bool> allowed)
    {
        while (true)
            if (from[random.Next(from.Length)] is var person && allowed(person)) return person;
    }
}
