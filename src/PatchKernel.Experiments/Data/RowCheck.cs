namespace PatchKernel.Data;

/// <summary>Checks a row in a model's tokens; nothing runs.</summary>
internal static class RowCheck
{
    /// <summary>What a pair check says, and the roles that the row lacks.</summary>
    public static IReadOnlyList<Finding> Of(DataRow row, Tokenizer tokenizer, IReadOnlyList<TokenRole>? roles)
    {
        try
        {
            var pair = row.PairIn(tokenizer);
            var check = PairCheck.Run(pair, bosId: tokenizer.BosId, byRole: roles is not null);
            return check.HasErrors ? check.Findings : [.. check.Findings, .. Lacking(pair, roles ?? [])];
        }
        catch (PatchKernelException e)
        {
            return [Error(e)];
        }
    }

    private static IEnumerable<Finding> Lacking(PromptPair pair, IReadOnlyList<TokenRole> roles)
    {
        foreach (var role in roles)
        {
            Finding? found = null;
            try
            {
                _ = role.In(pair.Clean, pair.Corrupt);
            }
            catch (PatchKernelException e)
            {
                found = Error(e);
            }
            if (found is not null) yield return found;
        }
    }

    private static Finding Error(PatchKernelException e) => new(Severity.Error, e.Message);
}
