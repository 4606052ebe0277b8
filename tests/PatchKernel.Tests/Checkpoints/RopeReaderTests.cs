namespace PatchKernel.Tests.Checkpoints;

/// <summary>The rotary embedding's part of config.json, in either spelling.</summary>
public sealed class RopeReaderTests : ConfigTest
{
    [Theory]
    [InlineData("""{"rope_theta": 7}""")]
    [InlineData("""{"rope_theta": 7, "rope_scaling": null}""")]
    [InlineData("""{"rope_theta": 7, "rope_scaling": {"type": "default"}}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 7, "rope_type": "default"}}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 7, "rope_type": "default", "partial_rotary_factor": 1.0}}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 7}}""")]
    [InlineData("""{"rope_theta": 7, "rope_parameters": {"rope_theta": 7}}""")]
    public void Plain_rope_is_read_in_either_spelling_without_a_warning(string keys)
    {
        Add(keys);
        var (read, warnings) = ReadText(config.ToJsonString());
        Assert.Equal(new RopeConfig.Plain(7), read.Rope);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("""{"rope_theta": 7, "rope_scaling": {"rope_type": "linear", "factor": 4}}""")]
    [InlineData("""{"rope_theta": 7, "rope_scaling": {"type": "linear", "factor": 4}}""")]
    [InlineData("""{"rope_theta": 7, "rope_scaling": {"type": "linear", "rope_type": "linear", "factor": 4}}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 7, "rope_type": "linear", "factor": 4}}""")]
    [InlineData("""{"rope_theta": 7, "rope_scaling": {"type": "linear", "factor": 4}, "rope_parameters": {"rope_type": "linear", "factor": 4}}""")]
    public void Linear_rope_is_read_in_either_spelling(string keys)
    {
        Add(keys);
        Assert.Equal(new RopeConfig.Linear(7, 4), Read().Rope);
    }

    [Theory]
    [InlineData("""{"rope_theta": 7, "rope_scaling": {"rope_type": "llama3", "factor": 32, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 8192}}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 7, "rope_type": "llama3", "factor": 32, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 8192}}""")]
    public void Llama3_rope_is_read_in_either_spelling(string keys)
    {
        Add(keys);
        Assert.Equal(new RopeConfig.Llama3(7, 32, 1, 4, 8192), Read().Rope);
    }

    [Theory]
    [InlineData("su")]
    [InlineData("ntk")]
    [InlineData("never heard of")]
    public void Other_types_of_rope_are_refused_by_name(string type)
    {
        Add($$$"""{"rope_scaling": {"rope_type": "{{{type}}}", "factor": 2}}""");
        Refused($"rope_scaling.rope_type is \"{type}\"", "only default, linear, llama3, yarn, dynamic and longrope");
        config.Remove("rope_scaling");
        Add($$$"""{"rope_scaling": {"type": "{{{type}}}", "factor": 2}}""");
        Refused($"rope_scaling.type is \"{type}\"");
        config.Remove("rope_scaling");
        Add($$$"""{"rope_parameters": {"rope_type": "{{{type}}}", "rope_theta": 2}}""");
        Refused($"rope_parameters.rope_type is \"{type}\"");
    }

    [Theory]
    [InlineData("""{"rope_scaling": {"rope_type": "linear"}}""", "has no rope_scaling.factor")]
    [InlineData("""{"rope_scaling": {"rope_type": "linear", "factor": 0}}""", "rope_scaling.factor is 0")]
    [InlineData("""{"rope_scaling": {"factor": 2}}""", "has no rope_scaling.rope_type")]
    [InlineData("""{"rope_scaling": {"rope_type": "default", "type": "linear", "factor": 2}}""", "its older spelling type is \"linear\"")]
    [InlineData("""{"rope_scaling": {"rope_type": "llama3", "factor": 32, "high_freq_factor": 4, "original_max_position_embeddings": 8192}}""", "has no rope_scaling.low_freq_factor")]
    [InlineData("""{"rope_scaling": {"rope_type": "llama3", "factor": 32, "low_freq_factor": 1, "high_freq_factor": 4}}""", "has no rope_scaling.original_max_position_embeddings")]
    [InlineData("""{"rope_scaling": {"rope_type": "llama3", "factor": 32, "low_freq_factor": 4, "high_freq_factor": 4, "original_max_position_embeddings": 8}}""", "high_freq_factor is 4")]
    [InlineData("""{"rope_theta": 7, "rope_parameters": {"rope_theta": 8}}""", "rope_parameters.rope_theta is 8")]
    [InlineData("""{"rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": {"rope_type": "linear", "factor": 4}}""", "rope_parameters says something else")]
    [InlineData("""{"rope_parameters": {"rope_theta": 8, "partial_rotary_factor": 0.5}}""", "rope_parameters.partial_rotary_factor is 0.5")]
    [InlineData("""{"rope_parameters": {"full_attention": {"rope_theta": 8}}}""", "rope_parameters.full_attention is")]
    public void Rope_that_is_incomplete_or_contradicts_itself_is_refused(string keys, string said)
    {
        Add(keys);
        Refused(said);
    }

    [Fact]
    public void Rope_keys_that_the_type_does_not_use_are_warned_of()
    {
        Add("""{"rope_scaling": {"rope_type": "linear", "factor": 2, "attention_factor": 1.2}}""");
        Assert.Contains("rope_scaling.attention_factor (1.2)", Assert.Single(ReadText(config.ToJsonString()).Warnings), StringComparison.Ordinal);
    }
}
