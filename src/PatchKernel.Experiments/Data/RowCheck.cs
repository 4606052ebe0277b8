namespace PatchKernel.Data;

/// <summary>A row in a model's tokens, and what can be said of it; nothing runs.</summary>
/// <param name="Pair">The pair; null where a text can't be spelled, or a span isn't in it.</param>
/// <param name="Findings">What a pair check says, and the roles that the row lacks.</param>
internal sealed record RowCheck(PromptPair? Pair, IReadOnlyList<Finding> Findings)
{
    /// <summary>The first error; null where there is none, and then there is a pair.</summary>
    public Finding? Error => Findings.FirstOrDefault(finding => finding.Severity == Severity.Error);

    /// <summary>Checks a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="roles">The roles to patch by; null for a sweep of positions.</param>
    /// <param name="vocabularySize">The model's d_vocab; null leaves the ids' range unchecked.</param>
    public static RowCheck Of(DataRow row, Tokenizer tokenizer, IReadOnlyList<TokenRole>? roles, int? vocabularySize = null)
    {
        PromptPair pair;
        try
        {
            pair = row.PairIn(tokenizer);
        }
        catch (PatchKernelException e)
        {
            return new(null, [Fault(e)]);
        }
        var check = PairCheck.Run(pair, vocabularySize, tokenizer.BosId, byRole: roles is not null);
        return new(pair, check.HasErrors ? check.Findings : [.. check.Findings, .. (roles ?? []).Select(role => Lacking(pair, role)).OfType<Finding>()]);
    }

    private static Finding? Lacking(PromptPair pair, TokenRole role)
    {
        try
        {
            _ = role.In(pair.Clean, pair.Corrupt);
            return null;
        }
        catch (PatchKernelException e)
        {
            return Fault(e);
        }
    }

    private static Finding Fault(PatchKernelException e) => new(Severity.Error, e.Message);
}
