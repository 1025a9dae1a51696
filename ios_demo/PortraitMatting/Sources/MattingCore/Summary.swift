/// What many measurements of one thing come to: the mean and the percentiles that every benchmark states.
public struct Summary: Codable, Equatable, Sendable {
    public let mean: Double
    public let p50: Double
    public let p90: Double
    public let p99: Double

    /// Of one sample or more. A percentile lies at rank q / 100 * (n - 1) of the n sorted samples, counted from 0, and
    /// between two ranks on the line from one sample to the next.
    public init(of samples: [Double]) {
        precondition(!samples.isEmpty, "no sample to sum up")
        let sorted = samples.sorted()
        let percentile = { (q: Double) in
            let rank = q / 100 * Double(sorted.count - 1)
            let low = Int(rank)
            let high = min(low + 1, sorted.count - 1)
            return sorted[low] + (sorted[high] - sorted[low]) * (rank - Double(low))
        }
        mean = samples.reduce(0, +) / Double(samples.count)
        p50 = percentile(50)
        p90 = percentile(90)
        p99 = percentile(99)
    }
}
