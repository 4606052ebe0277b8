using System.CommandLine;
using Microsoft.DotNet.Interactive.Documents;
using PatchKernel.Cli;

namespace PatchKernel.Notebooks;

/// <summary><c>--set name=value</c>, as often as there are variables to set.</summary>
internal static class SetOption
{
    public static Option<string[]> Create()
    {
        var option = new Option<string[]>("--set")
        {
            Description = "Replaces the text in the first line of a cell that reads var NAME = …\"text\"…; paths begin in the notebook's folder.",
            HelpName = "NAME=TEXT",
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => Assignment.Parse(token.Value) is null) is { } wrong)
                result.AddError($"--set takes NAME=TEXT, such as model=../models/mini, and '{wrong.Value}' does not read so");
        });
        return option;
    }

    /// <summary>The assignments that were given.</summary>
    public static IReadOnlyList<Assignment> Read(string[] texts) => [.. texts.Select(text => Assignment.Parse(text)!)];

    /// <summary>Puts them into notebooks; each has to find its line in one of them.</summary>
    /// <exception cref="UsageException">One finds none.</exception>
    public static void Apply(IReadOnlyList<Assignment> assignments, IReadOnlyList<InteractiveDocument> documents)
    {
        foreach (var assignment in assignments)
            if (!documents.Select(assignment.Apply).ToList().Contains(true))
                throw new UsageException($"--set finds no line in a cell that reads var {assignment.Name} = \"…\"");
    }
}
