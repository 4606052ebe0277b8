using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>Merges neighbouring tokens, the pair of the lowest rank first and of these the leftmost, in a time that hardly grows faster than the word.</summary>
internal sealed class PairMerges
{
    private const int LongestScored = 256; // in letters; no real token is as long that isn't found as a whole, and every cut of one costs its length

    private readonly Dictionary<(int, int), (int Rank, int Id)> _merges;

    private PairMerges(Dictionary<(int, int), (int, int)> merges) => _merges = merges;

    /// <summary>Merges by a list of pairs, the most frequent first.</summary>
    /// <exception cref="PatchKernelException">A pair is there twice, or a token isn't in the vocabulary.</exception>
    public static PairMerges OfPairs(string file, Dictionary<string, int> vocabulary, IEnumerable<(string Left, string Right)> pairs)
    {
        var merges = new Dictionary<(int, int), (int, int)>(vocabulary.Count);
        foreach (var (left, right) in pairs)
            if (!merges.TryAdd((Id(left), Id(right)), (merges.Count, Id(left + right)))) throw Misfit($"{Shown(left)} and {Shown(right)} are merged a second time");
        return new(merges);

        int Id(string token) => vocabulary.TryGetValue(token, out var id) ? id : throw Misfit($"{Shown(token)} isn't in it");
        PatchKernelException Misfit(string why) => TokenizerContent.Unusable(file, $"its merges don't fit its vocabulary ({why})");
        static string Shown(string token) => Quoted.Text(Excerpt.Text(token));
    }

    /// <summary>Merges any two tokens that make a third, that of the highest score first, as SentencePiece does.</summary>
    public static PairMerges OfScores(Dictionary<string, int> vocabulary, IReadOnlyList<float> scores)
    {
        float[] falling = [.. scores.Distinct().OrderDescending()];
        var ranks = falling.Select((score, rank) => (score, rank)).ToDictionary(entry => entry.score, entry => entry.rank);
        var merges = new Dictionary<(int, int), (int, int)>(vocabulary.Count);
        var find = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (token, id) in vocabulary.Where(entry => entry.Key.Length <= LongestScored))
            for (var cut = 1; cut < token.Length; cut++)
                if (find.TryGetValue(token.AsSpan(0, cut), out var left) && find.TryGetValue(token.AsSpan(cut), out var right))
                    merges.Add((left, right), (ranks[scores[id]], id));
        return new(merges);
    }

    /// <summary>Appends what is left of a word's tokens when nothing can be merged any more.</summary>
    /// <param name="word">The word's tokens, one a letter.</param>
    /// <param name="ids">The list that they go to.</param>
    public void Merge(IReadOnlyList<int> word, List<int> ids)
    {
        var chain = new Chain(word);
        var queue = new PriorityQueue<(int Left, int Id), long>(word.Count);
        for (var left = 0; left < word.Count; left++) Look(left);
        while (queue.TryDequeue(out var merge, out _))
        {
            // What was found before one of the two changed may no longer be true.
            if (chain.Pair(merge.Left) is not { } pair || !_merges.TryGetValue(pair, out var now) || now.Id != merge.Id) continue;
            chain.Join(merge.Left, merge.Id);
            Look(chain.Before(merge.Left));
            Look(merge.Left);
        }
        chain.CopyTo(ids);

        void Look(int left)
        {
            if (chain.Pair(left) is { } pair && _merges.TryGetValue(pair, out var merge)) queue.Enqueue((left, merge.Id), ((long)merge.Rank << 32) | (uint)left);
        }
    }

    /// <summary>Tokens in a row, of which each knows its neighbours.</summary>
    private sealed class Chain
    {
        private const int None = -1;
        private readonly int[] _ids, _before, _after;

        public Chain(IReadOnlyList<int> ids)
        {
            _ids = [.. ids];
            _before = [.. Enumerable.Range(-1, ids.Count)];
            _after = [.. Enumerable.Range(1, ids.Count)];
            if (ids.Count > 0) _after[^1] = None;
        }

        public int Before(int place) => _before[place];

        public (int First, int Second)? Pair(int left) => left != None && _ids[left] != None && _after[left] != None ? (_ids[left], _ids[_after[left]]) : null;

        public void Join(int left, int id)
        {
            var right = _after[left];
            (_ids[left], _ids[right], _after[left]) = (id, None, _after[right]);
            if (_after[left] != None) _before[_after[left]] = left;
        }

        public void CopyTo(List<int> ids)
        {
            for (var place = _ids.Length > 0 ? 0 : None; place != None; place = _after[place]) ids.Add(_ids[place]);
        }
    }
}
