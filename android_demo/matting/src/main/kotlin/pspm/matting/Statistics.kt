package pspm.matting

/** What many measurements of one thing come to, as `bench.schema.json` names it. */
data class Statistics(val mean: Double, val p50: Double, val p90: Double, val p99: Double) {
    companion object {
        /** Of one sample or more. */
        fun of(samples: DoubleArray): Statistics {
            require(samples.isNotEmpty()) { "no samples, no statistics" }
            val sorted = samples.sortedArray()
            return Statistics(
                samples.average(),
                percentile(sorted, 50),
                percentile(sorted, 90),
                percentile(sorted, 99)
            )
        }

        /** At rank q / 100 * (n - 1) of the sorted samples, and between two ranks on the line between them. */
        private fun percentile(sorted: DoubleArray, q: Int): Double {
            val rank = q / 100.0 * (sorted.size - 1)
            val lower = rank.toInt()
            val upper = minOf(lower + 1, sorted.size - 1)
            return sorted[lower] + (rank - lower) * (sorted[upper] - sorted[lower])
        }
    }
}
