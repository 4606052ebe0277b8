using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Requests in terms of runs: which prompts run, and what is patched into which. Owns the noise that it draws.</summary>
internal sealed class SweepPlan : IDisposable
{
    private readonly List<Lane> lanes = [];
    private readonly List<SweepTask> tasks = [];

    /// <summary>Lays out the runs of all requests; prompts that are the same run once.</summary>
    /// <exception cref="PatchKernelException">An option is out of range.</exception>
    public SweepPlan(LanguageModel model, IReadOnlyList<SweepRequest> requests) => Grids = [.. requests.Select(request => Plan(model, request))];

    /// <summary>The unpatched runs.</summary>
    public IReadOnlyList<Lane> Lanes => lanes;

    /// <summary>The grids, in terms of the runs.</summary>
    public IReadOnlyList<SweepTask> Tasks => tasks;

    /// <summary>One a request.</summary>
    public IReadOnlyList<PlannedGrid> Grids { get; }

    /// <summary>Frees the noise.</summary>
    public void Dispose()
    {
        foreach (var lane in lanes) lane.Noise?.Dispose();
    }

    private PlannedGrid Plan(LanguageModel model, SweepRequest request)
    {
        var (pair, options) = (request.Pair, request.Options);
        options.Check(model.Config.NLayers);
        var site = options.Roles is null ? SiteTable.In(model.Config, options.Site, options.Positions) : SiteTable.ByRole(model.Config, options.Site);
        var places = options.Roles is null ? null : RolePlaces.Of(request);
        var answer = Metric.ReadBehind(pair, options.Metrics);
        var clean = LaneOf(pair.Clean, answer);
        int[] corrupt = options.Source is PatchSource.Noise noise ? Noised(model, pair, answer, noise) : [LaneOf(pair.Corrupt, answer)];
        return new PlannedGrid(request, site, clean, corrupt, [.. corrupt.Select(Sample)]) { Layers = model.Config.NLayers, Places = places?.Pair };

        int[] Sample(int other)
        {
            var (baseLane, source) = options.Direction == Direction.Denoising ? (other, clean) : (clean, other);
            IEnumerable<PatchValue> values = places is null ? [ValueOf(options, pair, answer, source)]
                : Enumerable.Range(0, places.Pair.Count).Select(place => ValueAt(places, place, answer, source));
            return [.. values.Select(value => Add(tasks, new SweepTask(baseLane, value, site, options.Window)))];
        }
    }

    private RoleValue ValueAt(RolePlaces places, int place, IReadOnlyList<int> answer, int otherLane) => places.Source switch
    {
        PatchSource.Zeros => places.Value(place, new PatchValue.Zero()),
        PatchSource.Mean { EachPosition: false } mean => places.Value(place, new PatchValue.Mean([.. mean.Prompts.Select(prompt => LaneOf(prompt, []))], EachPosition: false)),
        PatchSource.Mean mean => places.Value(place, [.. mean.Prompts.Select(prompt => (LaneOf(prompt, answer), prompt))]),
        PatchSource.Resampled resampled => places.Value(place, [(LaneOf(resampled.Prompt, answer), resampled.Prompt)]),
        _ => places.Value(place, otherLane, lanes[otherLane].Prompt),
    };

    private PatchValue ValueOf(SweepOptions options, PromptPair pair, IReadOnlyList<int> answer, int otherLane) => options.Source switch
    {
        PatchSource.Zeros => new PatchValue.Zero(),
        PatchSource.Resampled resampled => new PatchValue.FromLane(LaneOf(OfLength(resampled.Prompt, pair), answer)),
        PatchSource.Mean mean => new PatchValue.Mean(
            [.. mean.Prompts.Select(prompt => mean.EachPosition ? LaneOf(OfLength(prompt, pair), answer) : LaneOf(prompt, []))], mean.EachPosition),
        _ => new PatchValue.FromLane(otherLane),
    };

    private int[] Noised(LanguageModel model, PromptPair pair, IReadOnlyList<int> answer, PatchSource.Noise noise)
    {
        var positions = noise.PositionsIn(pair);
        if (positions.Any(pos => pos < 0 || pos >= pair.Clean.Length))
            throw new PatchKernelException($"Noise was asked for outside the prompt's positions, 0 to {pair.Clean.Length - 1}.");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var scale = (float)noise.StandardDeviation * model.EmbeddingStandardDeviation();
        var generator = new Generator((ulong)noise.Seed, CPU);
        return
        [
            .. Enumerable.Range(0, noise.Samples).Select(_ =>
            {
                var drawn = zeros(pair.Clean.Length + answer.Count, model.Config.DModel);
                foreach (var pos in positions) drawn[pos] = randn(model.Config.DModel, generator: generator).Times(scale);
                return Add(lanes, new Lane([.. pair.Clean.Ids, .. answer], drawn.to(model.DeviceMap.Layer(0).RunsOn).DetachFromDisposeScope(), answer.Count));
            }),
        ];
    }

    private static Prompt OfLength(Prompt prompt, PromptPair pair) => prompt.Length == pair.Clean.Length
        ? prompt
        : throw new PatchKernelException($"The prompts to patch from need the pair's {pair.Clean.Length} tokens, and one has {prompt.Length}.");

    private int LaneOf(Prompt prompt, IReadOnlyList<int> answer)
    {
        int[] ids = [.. prompt.Ids, .. answer];
        var known = lanes.FindIndex(lane => lane.Noise is null && lane.Answer == answer.Count && lane.Ids.SequenceEqual(ids));
        return known >= 0 ? known : Add(lanes, new Lane(ids, Answer: answer.Count));
    }

    /// <summary>Adds to a list, and gives the place.</summary>
    private static int Add<T>(List<T> list, T added)
    {
        list.Add(added);
        return list.Count - 1;
    }
}
