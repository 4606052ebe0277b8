using System.Text.RegularExpressions;
using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Tools;

/// <summary>The small model's data: people, questions, vocabulary.</summary>
public sealed partial class TrainMiniTests : IDisposable
{
    private const int Seed = 3;
    private const int Draws = 5000;

    private readonly TemporaryFolder folder = new();
    private readonly People people = People.Load();
    private readonly HeldOutPairs heldOut;
    private readonly Tokenizer tokenizer;

    public TrainMiniTests()
    {
        heldOut = HeldOutPairs.Choose(people);
        TokenizerWriter.Write(folder.Path, TokenizerWriter.Words(people));
        tokenizer = Tokenizer.Load(folder.Path);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Names_are_two_plain_words_and_last_names_are_unique()
    {
        Assert.All(people.All, person => Assert.Matches(PlainName(), person.Name));
        var first = people.All.Select(person => person.First).ToHashSet();
        Assert.Equal(people.All.Count, people.All.Select(person => person.Last).Where(last => !first.Contains(last)).Distinct().Count());
    }

    [Fact]
    public void Nobody_shares_a_first_name_within_a_profession_and_most_do_across()
    {
        Assert.All(people.ByProfession.Values, group => Assert.Equal(group.Length, group.DistinctBy(person => person.First).Count()));
        var sharing = people.All.GroupBy(person => person.First).Where(group => group.Count() > 1).Sum(group => group.Count());
        Assert.True(sharing >= 0.9 * people.All.Count, $"{sharing} of {people.All.Count} share their first name");
    }

    [Fact]
    public void One_pair_in_six_is_held_out_in_both_directions_the_tutorials_among_them()
    {
        Assert.Equal(people.ByProfession.Values.Sum(group => group.Length * (group.Length - 1) / 2 / 6), heldOut.Pairs.Count);
        Assert.Equal(heldOut.Pairs.Count, heldOut.Pairs.Select(pair => (string[])[pair.Item1.Name, pair.Item2.Name]).DistinctBy(names => string.Join('|', names.Order())).Count());
        Assert.All(heldOut.Pairs, pair => Assert.Equal(pair.Item1.Profession, pair.Item2.Profession));
        Assert.True(heldOut.Contains(people["Albert Einstein"], people["Isaac Newton"]) && heldOut.Contains(people["Isaac Newton"], people["Albert Einstein"]));
        Assert.True(heldOut.Contains(people["Taylor Swift"], people["Michael Jackson"]) && heldOut.Contains(people["Michael Jackson"], people["Taylor Swift"]));
    }

    [Fact]
    public void The_held_out_pairs_are_read_as_they_were_written()
    {
        var path = folder.File(HeldOutPairs.FileName);
        heldOut.Write(path);
        Assert.Equal(heldOut.Pairs, HeldOutPairs.Read(path, people).Pairs);
    }

    [Fact]
    public void Training_never_asks_about_a_held_out_pair_and_testing_about_no_other()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        for (var i = 0; i < Draws; i++)
        {
            Assert.False(source.ForTraining() is var trained && heldOut.Contains(trained.Subject, trained.Answer));
            Assert.True(source.ForTesting() is var tested && heldOut.Contains(tested.Subject, tested.Answer));
        }
    }

    [Fact]
    public void A_question_has_four_first_names_three_professions_and_one_right_option()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        foreach (var question in Enumerable.Range(0, Draws).Select(i => i % 2 == 0 ? source.ForTraining() : source.ForTesting()))
        {
            Assert.Equal(4, question.Options.Append(question.Subject).DistinctBy(person => person.First).Count());
            Assert.Equal(3, question.Options.DistinctBy(person => person.Profession).Count());
            Assert.Equal(question.Answer, Assert.Single(question.Options, option => option.Profession == question.Subject.Profession));
        }
    }

    [Fact]
    public void A_seed_draws_the_same_questions_again()
    {
        var (one, other) = (new QuestionSource(people, heldOut, Seed), new QuestionSource(people, heldOut, Seed));
        Assert.Equal(Texts(one), Texts(other));

        static string[] Texts(QuestionSource source) => [.. Enumerable.Range(0, 100).Select(_ => Wording.Tutorial.Text(source.ForTraining()))];
    }

    [Fact]
    public void The_tutorials_prompt_is_28_whole_words_with_the_subject_at_14_and_15()
    {
        var question = new Question(people["Albert Einstein"], [people["Brad Pitt"], people["Isaac Newton"], people["Michael Jackson"]], people["Isaac Newton"]);
        var prompt = Prompt.FromText(Wording.Tutorial.Text(question), tokenizer);
        Assert.Equal(
            "Q: Which of the following entities has a profession in common with Albert Einstein? Brad Pitt, Isaac Newton, Michael Jackson.\nA:", prompt.Text);
        Assert.Equal(28, prompt.Length);
        Assert.Equal(["<|begin_of_text|>", "Q", ":", " Which"], prompt.Tokens!.Take(4));
        Assert.Equal([" Albert", " Einstein", "?", " Brad", " Pitt", ",", " Isaac"], prompt.Tokens!.Skip(14).Take(7));
        Assert.Equal([".\n", "A", ":"], prompt.Tokens!.TakeLast(3));
    }

    [Fact]
    public void Every_name_and_profession_is_whole_words_to_the_tokenizer()
    {
        Assert.All(people.All, person => Assert.Equal(2, tokenizer.Encode($" {person.Name}", addSpecialTokens: false).Count));
        Assert.All(people.ByProfession.Keys, profession => Assert.Single(tokenizer.Encode($" {profession}", addSpecialTokens: false)));
    }

    [Fact]
    public void Names_are_found_at_the_same_places_in_every_question_of_a_wording()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        foreach (var (wording, subject, options, answer) in new[] { (Wording.Tutorial, 15, new[] { 18, 21, 24 }, 27), (Wording.Choice, 19, [5, 8, 11], 20) })
            foreach (var question in Enumerable.Range(0, 50).Select(_ => source.ForTraining()))
            {
                var roles = Roles.Of(question, Prompt.FromText(wording.Text(question), tokenizer).Tokens!);
                Assert.Equal((subject, answer), (roles.SubjectLast, roles.Answer));
                Assert.Equal(options, roles.OptionLasts);
                Assert.Equal(options.Append(subject).SelectMany(last => (int[])[last - 1, last]).Order(), Enumerable.Range(0, answer + 1).Where(roles.IsName));
            }
    }

    [Fact]
    public void A_moved_mark_leaves_two_options_marked_or_none_and_asks_about_nobody_held_out()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        var marks = Enumerable.Range(0, 1000).Select(_ => MovedMark.Draw(source)).ToList();
        Assert.All(marks, mark =>
        {
            Assert.Same(mark.Question.Options, mark.Other.Options);
            Assert.NotEqual(mark.Question.Answer, mark.Other.Answer);
            Assert.Equal(mark.Other.Answer.Profession, mark.Other.Subject.Profession);
            Assert.False(heldOut.Contains(mark.Other.Subject, mark.Other.Answer));
            Assert.Equal(mark.Option == mark.Question.Answer ? mark.Question.Options : [mark.Question.Answer, mark.Other.Answer], mark.Marked);
        });
        Assert.InRange(marks.Count(mark => mark.Marked.Count == 2), 400, 600);
    }

    [Fact]
    public void A_pair_for_testing_has_one_list_of_options_and_two_subjects_that_are_held_out()
    {
        var source = new QuestionSource(people, heldOut, Seed);
        foreach (var (clean, corrupt) in Enumerable.Range(0, 500).Select(_ => source.PairForTesting()))
        {
            Assert.Same(clean.Options, corrupt.Options);
            Assert.True(heldOut.Contains(clean.Subject, clean.Answer) && heldOut.Contains(corrupt.Subject, corrupt.Answer) && clean.Answer != corrupt.Answer);
        }
    }

    [GeneratedRegex("^[A-Z][a-z]+ [A-Z][A-Za-z]+$")]
    private static partial Regex PlainName();
}
