namespace PatchKernel.Templates;

/// <summary>Python's sorted.</summary>
internal static class Sorting
{
    /// <summary>Sorted, equal ones in their order.</summary>
    /// <param name="items">What to sort.</param>
    /// <param name="key">By what.</param>
    /// <param name="reverse">Whether the last comes first.</param>
    /// <param name="rendering">Counts.</param>
    /// <exception cref="TemplateError">Two of them can't be compared.</exception>
    public static List<T> Sorted<T>(IEnumerable<T> items, Func<T, object?> key, bool reverse, Rendering rendering)
    {
        var keyed = items.Select(item => (Key: key(item), Item: item)).ToArray();
        if (reverse) Array.Reverse(keyed);
        Sort(keyed, new (object?, T)[keyed.Length], rendering);
        if (reverse) Array.Reverse(keyed);
        return [.. keyed.Select(one => one.Item)];
    }

    /// <summary>Sorts both halves and merges them.</summary>
    private static void Sort<T>(Span<(object? Key, T Item)> items, Span<(object? Key, T Item)> room, Rendering rendering)
    {
        if (items.Length < 2) return;
        var half = items.Length / 2;
        Sort(items[..half], room[..half], rendering);
        Sort(items[half..], room[half..], rendering);
        var (left, right) = (0, half);
        for (var i = 0; i < room.Length; i++)
            room[i] = right == items.Length || (left < half && !IsBefore(items[right].Key, items[left].Key, rendering)) ? items[left++] : items[right++];
        room.CopyTo(items);
    }

    private static bool IsBefore(object? one, object? other, Rendering rendering)
    {
        rendering.Step(Math.Min(Values.Size(one), Values.Size(other)));
        return Comparison.Order(one, other, "<") < 0;
    }
}
