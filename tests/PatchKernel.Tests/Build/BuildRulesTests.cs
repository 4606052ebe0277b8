using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

/// <summary>Which rules a project has, by where it lies, and what a build for another platform takes.</summary>
public sealed class BuildRulesTests
{
    [Fact]
    public async Task The_repositorys_own_projects_keep_its_rules()
    {
        foreach (var project in (string[])["src/PatchKernel.Checkpoints/PatchKernel.Checkpoints.csproj", "benchmarks/PatchKernel.Benchmarks.csproj", "tools/TrainMini/TrainMini.csproj"])
        {
            var values = await PropertiesAsync(TestData.InRepository(project));
            Assert.Equal(["true", "true", "true", "true"], values);
        }
    }

    [Theory]
    [InlineData("sweeps")]
    [InlineData("notebooks", "helpers")]
    [InlineData("srcs")] // begins as one of the repository's folders does
    public async Task A_readers_project_in_the_checkout_keeps_none(params string[] place)
    {
        // Like a checkout, in what decides.
        using var checkout = new TemporaryFolder();
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props"]) File.Copy(TestData.InRepository(file), checkout.File(file));
        var folder = Directory.CreateDirectory(Path.Combine([checkout.Path, .. place])).FullName;
        var project = Path.Combine(folder, "mine.csproj");
        await File.WriteAllTextAsync(project, """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>""");
        Assert.DoesNotContain("true", await PropertiesAsync(project));
    }

    [Theory]
    [InlineData("win-x64", "libtorch-cpu-win-x64")]
    [InlineData("osx-arm64", "libtorch-cpu-osx-arm64")]
    [InlineData("linux-x64", "libtorch-cpu-linux-x64")]
    public async Task A_build_for_another_platform_takes_its_libtorch_and_touches_no_file_of_this_ones(string platform, string expected)
    {
        var evaluated = await EvaluateAsync(TestData.InRepository("src", "PatchKernel.Checkpoints", "PatchKernel.Checkpoints.csproj"),
            $"-p:RuntimeIdentifier={platform}", "-getItem:PackageReference", "-getProperty:BaseOutputPath,BaseIntermediateOutputPath,NuGetLockFilePath");
        var packages = evaluated["Items"]!["PackageReference"]!.AsArray().Select(item => (string)item!["Identity"]!).Where(name => name.StartsWith("libtorch", StringComparison.Ordinal));
        Assert.Equal([expected], packages);
        var places = evaluated["Properties"]!.AsObject().Select(property => (string)property.Value!).ToArray();
        var isHere = platform.StartsWith(OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsWindows() ? "win" : "osx", StringComparison.Ordinal);
        if (isHere) Assert.All(places, path => Assert.DoesNotContain(platform, path, StringComparison.Ordinal));
        else Assert.All(places, path => Assert.Contains(platform, path, StringComparison.Ordinal));
    }

    private static async Task<string[]> PropertiesAsync(string project)
    {
        var evaluated = await EvaluateAsync(project, "-getProperty:TreatWarningsAsErrors,EnforceCodeStyleInBuild,ManagePackageVersionsCentrally,RestorePackagesWithLockFile");
        return [.. evaluated["Properties"]!.AsObject().Select(property => (string)property.Value!)];
    }

    private static async Task<JsonNode> EvaluateAsync(string project, params string[] questions)
    {
        var run = await Programs.RunAsync(Path.GetDirectoryName(project)!, [("MSBUILDDISABLENODEREUSE", "1")], [Programs.Dotnet, "msbuild", project, .. questions]);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        return JsonNode.Parse(run.Output)!;
    }
}
