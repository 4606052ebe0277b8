using System.Collections;
using System.Text.Json;
using PatchKernel.Templates;
using PatchKernel.Text;

namespace PatchKernel.Chat;

/// <summary>Turns values of .NET into values of a template.</summary>
internal static class ChatValues
{
    /// <summary>Messages of a role and a text each.</summary>
    public static Sequence Messages(IEnumerable<(string Role, string Content)> messages) => new([.. messages.Select(message =>
    {
        var value = new Templates.Dictionary();
        value.Set("role", message.Role ?? throw new PatchKernelException("A message has no role; give it one, such as user."));
        value.Set("content", message.Content);
        return (object?)value;
    })]);

    /// <summary>A variable's value.</summary>
    /// <exception cref="PatchKernelException">A template has no such values.</exception>
    public static object? Of(string name, object? value)
    {
        try
        {
            return Converted(name, value);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new PatchKernelException($"The variable '{Excerpt.Text(name)}' holds itself, or nests deeper than any template should.", e);
        }
        catch (TemplateError e)
        {
            throw new PatchKernelException($"The variable '{Excerpt.Text(name)}' can't be given to a template: {e.Message}.", e);
        }
    }

    private static object? Converted(string name, object? value)
    {
        Values.CheckDepth();
        return value switch
        {
            null or bool or long or double or string => value,
            int or short or byte => Convert.ToInt64(value, null),
            float number => (double)number,
            JsonElement json => Values.Of(json),
            IDictionary entries => Map(name, entries.Keys.Cast<object>().Select(key => (key.ToString()!, entries[key]))),
            IEnumerable<KeyValuePair<string, object?>> entries => Map(name, entries.Select(entry => (entry.Key, entry.Value))),
            IEnumerable items => new Sequence([.. items.Cast<object?>().Select(item => Converted(name, item))]),
            _ => throw new PatchKernelException($"The variable '{Excerpt.Text(name)}' is a {value.GetType().Name}, which no chat template knows: give a text, a number, true or false, a list or a dictionary."),
        };
    }

    /// <summary>How many letters a value has.</summary>
    public static long Letters(object? value) => value switch
    {
        string text => text.Length,
        Sequence sequence => sequence.Items.Sum(Letters) + sequence.Size,
        Templates.Dictionary dictionary => dictionary.Items.Sum(entry => Letters(entry.Key) + Letters(entry.Value)) + dictionary.Size,
        _ => 1,
    };

    private static Templates.Dictionary Map(string name, IEnumerable<(string Key, object? Value)> entries)
    {
        var map = new Templates.Dictionary();
        foreach (var (key, value) in entries) map.Set(key, Converted(name, value));
        return map;
    }
}
