namespace PatchKernel;

/// <summary>How the rotary embedding's frequencies are made.</summary>
/// <param name="Theta">The base.</param>
public abstract record RopeConfig(double Theta)
{
    /// <summary>Radians a position, [width / 2], of a run of so many tokens.</summary>
    internal abstract float[] Frequencies(int width, int length);

    /// <summary>What cosines and sines are multiplied by.</summary>
    internal virtual double Scale => 1;

    /// <summary>Whether the run's length changes the frequencies.</summary>
    internal virtual bool DependsOnLength => false;

    /// <summary>The length after which all positions are turned by other angles, so that keys of shorter runs are no longer right; null where there is none.</summary>
    internal virtual int? TurningPoint => null;

    /// <summary>What is divided by less turns by angles that aren't numbers.</summary>
    internal const float LeastDivisor = 1e-6f;

    /// <summary>What cosines and sines are multiplied by at most: scores are of the order of its square.</summary>
    internal const double MostScale = 1000;

    /// <summary>theta^(−2i / width).</summary>
    private protected static float[] Plainly(double theta, int width) =>
        [.. Enumerable.Range(0, width / 2).Select(i => 1 / MathF.Pow((float)theta, 2f * i / width))];

    /// <summary>Plain frequencies, theta^(−2i / width); Su et al. 2021, arXiv:2104.09864.</summary>
    public sealed record Plain(double Theta) : RopeConfig(Theta)
    {
        internal override float[] Frequencies(int width, int length) => Plainly(Theta, width);
    }

    /// <summary>Frequencies divided by a factor; Chen et al. 2023, arXiv:2306.15595.</summary>
    public sealed record Linear(double Theta, double Factor) : RopeConfig(Theta)
    {
        internal override float[] Frequencies(int width, int length) => [.. Plainly(Theta, width).Select(frequency => frequency / (float)Factor)];
    }

    /// <summary>Llama 3.1's scaling: long wavelengths are divided by a factor, short ones kept, those between blended; Dubey et al. 2024, arXiv:2407.21783.</summary>
    public sealed record Llama3(double Theta, double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeConfig(Theta)
    {
        internal override float[] Frequencies(int width, int length) => [.. Plainly(Theta, width).Select(Scaled)];

        private float Scaled(float plain)
        {
            // How many whole turns a frequency makes within the original context: few turns are stretched, many are kept.
            var turns = plain * OriginalMaxPositions / (2 * Math.PI);
            var keep = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
            return (float)(keep * plain + (1 - keep) * plain / Factor);
        }
    }

    /// <summary>Slow frequencies are divided by a factor, fast ones kept, those between blended; Peng et al. 2023, arXiv:2309.00071.</summary>
    /// <param name="Theta">The base.</param>
    /// <param name="Factor">What slow frequencies are divided by.</param>
    /// <param name="OriginalMaxPositions">The context that the model was trained with at first.</param>
    /// <param name="AttentionFactor">What cosines and sines are multiplied by.</param>
    /// <param name="BetaFast">Turns within that context from which a frequency is kept.</param>
    /// <param name="BetaSlow">Turns up to which it is divided.</param>
    /// <param name="Truncate">Whether the bounds between are rounded to whole entries.</param>
    public sealed record Yarn(double Theta, double Factor, int OriginalMaxPositions, double AttentionFactor, double BetaFast = 32, double BetaSlow = 1, bool Truncate = true) : RopeConfig(Theta)
    {
        internal override double Scale => AttentionFactor;

        /// <summary>The usual factor of cosines and sines.</summary>
        internal static double UsualAttentionFactor(double factor, double scale = 1) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;

        internal override float[] Frequencies(int width, int length)
        {
            var (low, high) = (EntryOf(BetaFast, width), EntryOf(BetaSlow, width));
            if (Truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
            (low, high) = (Math.Max(low, 0), Math.Min(high, width - 1));
            if (low == high) high += 0.001; // as in the reference: what is divided by
            return [.. Plainly(Theta, width).Select((plain, i) => (float)(plain * Keep(i) + plain / Factor * (1 - Keep(i))))];

            double Keep(int i) => 1 - Math.Clamp((i - low) / (high - low), 0, 1);
        }

        /// <summary>The entry that makes so many turns within the original context.</summary>
        private double EntryOf(double turns, int width) => width * Math.Log(OriginalMaxPositions / (turns * 2 * Math.PI)) / (2 * Math.Log(Theta));
    }

    /// <summary>The base grows with the run's length once it is over the model's; "NTK-aware" scaling, bloc97 and emozilla 2023.</summary>
    public sealed record Dynamic(double Theta, double Factor, int MaxPositions) : RopeConfig(Theta)
    {
        internal override bool DependsOnLength => true;

        internal override float[] Frequencies(int width, int length)
        {
            var growth = 1 + Factor * Math.Max(0, length - MaxPositions) / MaxPositions;
            return Plainly(Theta * Math.Pow(growth, width / (width - 2.0)), width);
        }
    }

    /// <summary>Frequencies divided each by a number of its own, of which a run longer than the original context has others; Ding et al. 2024, arXiv:2402.13753.</summary>
    /// <param name="Theta">The base.</param>
    /// <param name="LongDivisors">Of a run that is longer, one for each pair of entries that are turned.</param>
    /// <param name="ShortDivisors">Of a run that isn't.</param>
    /// <param name="OriginalMaxPositions">The context that the model was trained with at first.</param>
    /// <param name="AttentionFactor">What cosines and sines are multiplied by.</param>
    public sealed record LongRope(double Theta, IReadOnlyList<float> LongDivisors, IReadOnlyList<float> ShortDivisors, int OriginalMaxPositions, double AttentionFactor) : RopeConfig(Theta)
    {
        internal override double Scale => AttentionFactor;

        internal override bool DependsOnLength => true;

        internal override int? TurningPoint => OriginalMaxPositions;

        internal override float[] Frequencies(int width, int length) =>
            [.. Plainly(Theta, width).Zip(length > OriginalMaxPositions ? LongDivisors : ShortDivisors, (frequency, divisor) => frequency / divisor)];

        /// <summary>Whether both divide the same frequencies by the same numbers.</summary>
        public bool Equals(LongRope? other) => other is not null
            && (Theta, OriginalMaxPositions, AttentionFactor) == (other.Theta, other.OriginalMaxPositions, other.AttentionFactor)
            && LongDivisors.SequenceEqual(other.LongDivisors) && ShortDivisors.SequenceEqual(other.ShortDivisors);

        /// <summary>Goes with <see cref="Equals(LongRope)"/>.</summary>
        public override int GetHashCode() => HashCode.Combine(Theta, OriginalMaxPositions);
    }

    /// <summary>Frequencies divided each by a number of its own, as GGUF files store Llama 3.1's scaling.</summary>
    /// <param name="Theta">The base.</param>
    /// <param name="Divisors">One for each pair of entries that are turned.</param>
    public sealed record Factors(double Theta, IReadOnlyList<float> Divisors) : RopeConfig(Theta)
    {
        internal override float[] Frequencies(int width, int length) => [.. Plainly(Theta, width).Zip(Divisors, (frequency, divisor) => frequency / divisor)];

        /// <summary>Whether both divide the same frequencies by the same numbers.</summary>
        public bool Equals(Factors? other) => other is not null && Theta == other.Theta && Divisors.SequenceEqual(other.Divisors);

        /// <summary>Goes with <see cref="Equals(Factors)"/>.</summary>
        public override int GetHashCode() => HashCode.Combine(Theta, Divisors.Count);
    }
}
