namespace PatchKernel.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("there is no command 'swep'; choose one of sweep, predict, check, pairs, model, tokens", "swep")]
    [InlineData("sweep has no option '--nope'", "sweep", "--nope")]
    [InlineData("--site has no 'embed'; choose one of resid_post, resid_pre, resid_mid, attn_out, mlp_out, mlp_post, q, k, v, z, pattern", "sweep", "--site", "embed")]
    [InlineData("--direction has no 'back'", "sweep", "--direction", "back")]
    [InlineData("--metric has no 'score'; choose one of target_logit, logit_diff", "sweep", "--metric", "score")]
    [InlineData("--dtype has no 'int8'", "sweep", "--dtype", "int8")]
    [InlineData("--device has no 'gpu'; choose auto, cpu, cuda or cuda:N", "sweep", "--device", "gpu")]
    [InlineData("--device has no 'cuda:99999999999'", "sweep", "--device", "cuda:99999999999")]
    [InlineData("--threads takes a number from 1 to ", "sweep", "--threads", "0")]
    [InlineData("--image takes a file name that ends in .png or .svg, and 'a.gif' does not", "sweep", "--image", "a.gif")]
    [InlineData("two outputs would go to the same file 'a.html'", "sweep", "--html", "a.html", "--json", "a.html")]
    [InlineData("--clean needs --corrupt too", "sweep", "--clean", "a")]
    [InlineData("--clean needs --targets too", "sweep", "--clean", "a", "--corrupt", "b")]
    [InlineData("--pair and --clean don't go together", "sweep", "--pair", "einstein", "--clean", "a", "--corrupt", "b", "--targets", "a", "b")]
    [InlineData("--clean and --clean-ids don't go together", "sweep", "--clean", "a", "--clean-ids", "1")]
    [InlineData("--clean-ids needs --corrupt-ids too", "check", "--clean-ids", "1")]
    [InlineData("--clean-ids takes ids with commas between, such as 1,2,3, and 'x' is none", "sweep", "--clean-ids", "1,x")]
    [InlineData("--target-ids takes two ids, such as 5,9", "check", "--clean-ids", "1", "--corrupt-ids", "2", "--target-ids", "5")]
    [InlineData("Required argument missing for option: '--targets'", "sweep", "--targets", " A")]
    [InlineData("--top takes a number from 1 on, and 'x' is none", "predict", "--top", "x")]
    [InlineData("--text and --ids don't go together", "predict", "--text", "a", "--ids", "1")]
    [InlineData("--text and --pair don't go together", "predict", "--text", "a", "--pair", "einstein")]
    [InlineData("--threads takes a number from 1 to ", "sweep", "--threads", "100000")]
    [InlineData("--threads takes a number from 1 to ", "predict", "--threads", "99999999999")]
    [InlineData("--noise-samples takes a number from 1 to 1000, and '2147483647' is none", "sweep", "--source", "noise", "--noise-samples", "2147483647")]
    [InlineData("--noise-std takes a number above 0 and up to 1000, and 'nan' is none", "sweep", "--source", "noise", "--noise-std", "nan")]
    [InlineData("--noise-std takes a number above 0 and up to 1000, and 'inf' is none", "sweep", "--source", "noise", "--noise-std", "inf")]
    [InlineData("--noise-std takes a number above 0 and up to 1000, and '0' is none", "sweep", "--source", "noise", "--noise-std", "0")]
    [InlineData("--noise-std takes a number above 0 and up to 1000, and '1e300' is none", "sweep", "--source", "noise", "--noise-std", "1e300")]
    [InlineData("--noise-std takes a number above 0 and up to 1000, and '1e-60' is none", "sweep", "--source", "noise", "--noise-std", "1e-60")]
    [InlineData("--noise-std takes a number above 0 and up to 1000, and '-1' is none", "sweep", "--source", "noise", "--noise-std", "-1")]
    [InlineData("--noise-std takes a number above 0 and up to 1000, and 'x' is none", "sweep", "--noise-std", "x")]
    [InlineData("--noise-std goes with --source noise", "sweep", "--noise-std", "2", "--model", "nowhere")]
    [InlineData("--seed takes a number from -2147483648 to 2147483647, and '3000000000' is none", "sweep", "--seed", "3000000000")]
    [InlineData("--window takes a number from 1 on, and '99999999999' is none", "sweep", "--window", "99999999999")]
    [InlineData("--verify takes a number from 1 on, and '-1' is none", "sweep", "--verify", "-1")]
    [InlineData("--top takes a number from 1 on, and '1e9' is none", "predict", "--top", "1e9")]
    [InlineData("--tokens takes a number from 1 to 10000000, and '2000000000' is none", "model", "--plan", "--tokens", "2000000000", "--model", "nowhere")]
    [InlineData("--first-difference takes a number from 0 to 27, of prompts of 28 tokens", "model", "--plan", "--first-difference", "28", "--model", "nowhere")]
    [InlineData("--first-difference takes a number from 0 to 4, of prompts of 5 tokens", "model", "--plan", "--tokens", "5", "--first-difference", "5")]
    [InlineData("--ids takes ids with commas between, such as 1,2,3, and '-1' is none", "predict", "--ids", "5,-1")]
    [InlineData("--ids takes ids with commas between, such as 1,2,3, and '99999999999' is none", "predict", "--ids", "99999999999")]
    [InlineData("A window of 4 layers has no middle", "sweep", "--window", "4", "--model", "nowhere")]
    [InlineData("A sweep of mlp_out goes position by position", "sweep", "--site", "mlp_out", "--positions", "all", "--model", "nowhere", "--prompts", "nowhere")]
    [InlineData("--metrics goes into the result file; name one with --json too", "sweep", "--metrics", "rank", "--model", "nowhere")]
    [InlineData("--metrics has 'rank' twice", "sweep", "--metrics", "rank,rank", "--json", "a.json")]
    [InlineData("--metrics names none; choose from probability", "sweep", "--metrics", ",", "--json", "a.json")]
    [InlineData("--html and --no-html don't go together", "sweep", "--html", "a.html", "--no-html")]
    [InlineData("--html takes a file, and not '-'", "sweep", "--html", "-")]
    [InlineData("--html writes a page, and 'a.PNG' is no name for one", "sweep", "--html", "a.PNG")]
    [InlineData("--html takes the name of a file, and it is empty", "sweep", "--html", "")]
    [InlineData("--json takes the name of a file, and it is empty", "sweep", "--json", " ")]
    [InlineData("--seed goes with --source noise or with --verify", "sweep", "--seed", "3")]
    [InlineData("--verify compares with the naive method", "sweep", "--method", "naive", "--verify", "4")]
    [InlineData("model has no option 'maybe'", "model", "--plan=maybe")]
    [InlineData("--targets needs --clean too", "check", "--targets", " A", " B")]
    [InlineData("--clean needs --corrupt too", "check", "--clean", "a")]
    [InlineData("--input and --json go together", "tokens", "--input", "a.json")]
    [InlineData("--text and --input don't go together", "tokens", "--text", "a", "--input", "a.json", "--json", "b.json")]
    public void Wrong_usage_ends_with_2_and_one_line(string expected, params string[] args)
    {
        var failure = CliRun.Of(args).Failure(exitCode: 2);
        Assert.StartsWith(expected, failure, StringComparison.Ordinal);
        Assert.EndsWith("; see --help.", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("sweep", "--help")]
    [InlineData("tokens", "-h")]
    public void Help_goes_to_standard_output(params string[] args) =>
        Assert.Contains("Usage:\n  patchkernel", CliRun.Of(args).Success(), StringComparison.Ordinal);

    [Fact]
    public void Every_command_is_in_the_help() =>
        Assert.All(["sweep", "predict", "check", "model", "tokens"], name => Assert.Contains($"\n  {name} ", CliRun.Of("--help").Output, StringComparison.Ordinal));
}
