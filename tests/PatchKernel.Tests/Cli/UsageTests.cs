namespace PatchKernel.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("there is no command 'swep'; choose one of sweep, predict, check, model, tokens", "swep")]
    [InlineData("sweep has no option '--nope'", "sweep", "--nope")]
    [InlineData("--site has no 'embed'; choose one of resid_post, resid_pre, resid_mid, attn_out, mlp_out, mlp_post, q, k, v, z, pattern", "sweep", "--site", "embed")]
    [InlineData("--direction has no 'back'", "sweep", "--direction", "back")]
    [InlineData("--metric has no 'score'; choose one of target_logit, logit_diff", "sweep", "--metric", "score")]
    [InlineData("--dtype has no 'int8'", "sweep", "--dtype", "int8")]
    [InlineData("--device has no 'gpu'; choose auto, cpu, cuda or cuda:N", "sweep", "--device", "gpu")]
    [InlineData("--threads takes a number from 1 on, and '0' is none", "sweep", "--threads", "0")]
    [InlineData("--image takes a file name that ends in .png or .svg, and 'a.gif' does not", "sweep", "--image", "a.gif")]
    [InlineData("two outputs would go to the same file 'a.json'", "sweep", "--html", "a.json", "--json", "a.json")]
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
