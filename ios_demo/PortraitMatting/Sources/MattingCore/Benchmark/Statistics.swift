/// Mean and percentiles of repeated measurements, as every benchmark result states them.
public struct Statistics: Codable, Equatable, Sendable {
    public let mean: Double
    public let p50: Double
    public let p90: Double
    public let p99: Double

    /// Summarise one sample or more.
    ///
    /// Percentile q is at rank q / 100 * (n - 1) of the n sorted samples, counted from 0, and interpolated linearly
    /// between ranks.
    public static func summary(of samples: [Double]) -> Statistics {
        precondition(!samples.isEmpty, "there are no samples to summarise")
        let sorted = samples.sorted()
        let percentile = { (q: Double) in
            let rank = q / 100 * Double(sorted.count - 1)
            let low = Int(rank)
            let high = min(low + 1, sorted.count - 1)
            return sorted[low] + (sorted[high] - sorted[low]) * (rank - Double(low))
        }
        return Statistics(
            mean: samples.reduce(0, +) / Double(samples.count), p50: percentile(50), p90: percentile(90),
            p99: percentile(99))
    }
}
