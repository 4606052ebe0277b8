namespace PatchKernel.Circuits;

/// <summary>Takes heads and MLPs without live edges into them or out of them out of a circuit, until none is left.</summary>
internal static class CircuitPruning
{
    /// <summary>Which edges are left.</summary>
    public static bool[] Of(EdgeGraph graph, IReadOnlyList<bool> live)
    {
        bool[] left = [.. live];
        var before = -1;
        for (var count = left.Count(edge => edge); count != before; (before, count) = (count, left.Count(edge => edge)))
        {
            var (sends, receives) = (new bool[graph.Senders.Count], new bool[graph.Receivers.Count]);
            foreach (var (edge, place) in graph.Places.Index())
                if (left[edge]) (sends[place.Sender], receives[place.Receiver]) = (true, true);
            bool[] isIn = [.. Enumerable.Range(0, graph.Senders.Count).Select(sender => sends[sender] && (sender == 0 || graph.ReceiversOf(sender).Any(receiver => receives[receiver])))];
            // A key or value head is there as long as one query head that reads it is.
            var belongs = new bool[graph.Receivers.Count];
            belongs[^1] = true;
            for (var sender = 1; sender < isIn.Length; sender++)
                foreach (var receiver in graph.ReceiversOf(sender)) belongs[receiver] |= isIn[sender];
            foreach (var (edge, place) in graph.Places.Index()) left[edge] &= isIn[place.Sender] && belongs[place.Receiver];
        }
        return left;
    }
}
