/** Mean and percentiles of timings. */
export interface Statistics {
  mean: number;
  p50: number;
  p90: number;
  p99: number;
}

/** Statistics of at least one sample. Percentile q is at rank q / 100 * (n - 1), interpolated between ranks. */
export function summary(samples: readonly number[]): Statistics {
  const ranked = [...samples].sort((a, b) => a - b);
  const percentile = (q: number) => {
    const rank = (q / 100) * (ranked.length - 1);
    const below = Math.floor(rank);
    const above = Math.min(below + 1, ranked.length - 1);
    return ranked[below]! + (rank - below) * (ranked[above]! - ranked[below]!);
  };
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  return { mean, p50: percentile(50), p90: percentile(90), p99: percentile(99) };
}
