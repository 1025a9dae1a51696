package pspm.matting

/** Mean and percentiles of a measurement, with the names of `bench.schema.json`. */
public data class Statistics(val mean: Double, val p50: Double, val p90: Double, val p99: Double) {
    public companion object {
        /** Summarise the samples, at least one. */
        public fun summary(samples: DoubleArray): Statistics {
            require(samples.isNotEmpty()) { "the list of samples is empty; measure at least once" }
            val sorted = samples.sortedArray()
            return Statistics(
                samples.average(),
                percentile(sorted, 50),
                percentile(sorted, 90),
                percentile(sorted, 99)
            )
        }

        /** The value at rank q / 100 * (n - 1) of the n sorted samples, linearly interpolated between two ranks. */
        private fun percentile(sorted: DoubleArray, q: Int): Double {
            val rank = q / 100.0 * (sorted.size - 1)
            val lower = rank.toInt()
            val upper = minOf(lower + 1, sorted.size - 1)
            return sorted[lower] + (rank - lower) * (sorted[upper] - sorted[lower])
        }
    }
}
