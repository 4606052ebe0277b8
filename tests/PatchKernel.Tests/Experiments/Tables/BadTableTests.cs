namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Files that are no tables, or broken ones, are refused in a sentence.</summary>
public sealed class BadTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "is empty: a table begins with its columns' names.")]
    [InlineData("a,b\n1,2\n", "isn't a table of results: it has no column \"model\".")]
    [InlineData("{'model': 1}", "isn't a table of results: it has no column \"model\".")]
    [InlineData("model,pair,site,direction,source,layer,metric,value,score\nm,p,s,d,o,1,k,1\n", ", line 2, has 8 fields where the first line has 9 names: mend the line.")]
    [InlineData("model,pair,site,direction,source,layer,metric,value,score\nm,p,s,d,o,1,k,1,1\nm,p,s,d,o,x,k,1,1\n", ", line 3: \"x\" in the column \"layer\" isn't a number.")]
    [InlineData("model,pair,site,direction,source,layer,metric,value,score\nm,p,s,d,o,1.5,k,1,1\n", ", line 2: \"1.5\" in the column \"layer\" isn't a whole number.")]
    [InlineData("model,pair,site,direction,source,layer,metric,value,score\nm,p,s,d,o,,k,1,1\n", ", line 2: \"\" in the column \"layer\" isn't a whole number.")]
    [InlineData("model,pair,site,direction,source,layer,metric,value,score\nm,\"p\n,s,d,o,1,k,1,1\n", ", line 2, can't be read as CSV: a quotation mark stands inside a field, or is never closed; put the field in quotation marks, and those inside twice.")]
    public void CSV_that_is_no_table_of_results_is_refused(string text, string expected)
    {
        File.WriteAllText(folder.File("a.csv"), text);
        Assert.Equal($"'{folder.File("a.csv")}'", Refusal("a.csv")[..(folder.File("a.csv").Length + 2)]);
        Assert.EndsWith(expected, Refusal("a.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_table_is_refused()
    {
        PairTable.Of([SampleTables.Pair]).Save(folder.File("pairs.parquet"));
        Assert.Equal($"'{folder.File("pairs.parquet")}' isn't a table of results: it has no column \"site\".", Refusal("pairs.parquet"));
        Assert.Contains("isn't a study's summary", Assert.Throws<PatchKernelException>(() => StudySummary.Load(folder.File("pairs.parquet"))).Message, StringComparison.Ordinal);
        ResultTable.Of([]).Save(folder.File("results.csv"));
        Assert.Contains("isn't a table of pairs", Assert.Throws<PatchKernelException>(() => PairTable.Load(folder.File("results.csv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_isnt_there_and_what_isnt_a_file_is_refused()
    {
        Assert.Equal($"'{folder.File("none.parquet")}' can't be read: there is no such file.", Refusal("none.parquet"));
        Assert.Contains("is a folder", Refusal(""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.json")]
    [InlineData("a")]
    public void Another_extension_is_refused(string name) => Assert.Equal(
        $"Cannot write the table '{folder.File(name)}': its name should end in .parquet or .csv.",
        Assert.Throws<PatchKernelException>(() => ResultTable.Of([]).Save(folder.File(name))).Message);

    [Fact]
    public void A_Parquet_file_that_is_cut_off_is_refused_wherever_it_is_cut()
    {
        ResultTable.Of(SampleTables.Odd).Save(folder.File("a.parquet"));
        var bytes = File.ReadAllBytes(folder.File("a.parquet"));
        foreach (var length in new[] { 4, 5, 8, 12, bytes.Length / 2, bytes.Length - 9, bytes.Length - 1 })
        {
            File.WriteAllBytes(folder.File("a.parquet"), bytes[..length]);
            Assert.Equal($"'{folder.File("a.parquet")}' can't be read as a Parquet file: it is broken, or has a part that isn't supported. Write it again.", Refusal("a.parquet"));
        }
    }

    [Fact]
    public void A_Parquet_file_with_wrong_bytes_opens_or_is_refused_in_a_sentence()
    {
        ResultTable.Of(SampleTables.Odd).Save(folder.File("a.parquet"));
        var bytes = File.ReadAllBytes(folder.File("a.parquet"));
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 400; i++)
        {
            var changed = (byte[])bytes.Clone();
            // Half of the changes are in the last part, which says where everything is.
            var at = i % 2 == 0 ? random.Next(changed.Length) : random.Next(changed.Length - 1500, changed.Length);
            changed[at] = (byte)random.Next(256);
            File.WriteAllBytes(folder.File("a.parquet"), changed);
            try
            {
                _ = ResultTable.Load(folder.File("a.parquet")).Rows.Count();
            }
            catch (PatchKernelException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
                Assert.StartsWith($"'{folder.File("a.parquet")}'", e.Message, StringComparison.Ordinal);
            }
        }
        Assert.InRange(refused, 20, 399);
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void A_full_disk_is_a_sentence(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/full");
        File.CreateSymbolicLink(folder.File(name), "/dev/full");
        Assert.Equal(
            $"Cannot write '{folder.File(name)}': no space is left on the disk.",
            Assert.Throws<PatchKernelException>(() => ResultTable.Of([.. SampleTables.Odd, .. SampleTables.Odd]).Save(folder.File(name))).Message);
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void Rows_that_stop_half_way_leave_the_older_table(string name)
    {
        ResultTable.Of([SampleTables.Row]).Save(folder.File(name));
        Assert.Throws<OperationCanceledException>(() => PatchKernel.Tables.TableFile.Write(folder.File(name), PatchKernel.Tables.ResultColumns.Of(windows: false), Units()));
        Assert.Equal([SampleTables.Row], ResultTable.Load(folder.File(name)).Rows);
        Assert.Equal([name], Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)));

        static IEnumerable<ResultRow[]> Units()
        {
            yield return SampleTables.Odd;
            throw new OperationCanceledException();
        }
    }

    private string Refusal(string name) => Assert.Throws<PatchKernelException>(() => ResultTable.Load(folder.File(name)).Rows.Count()).Message;
}
