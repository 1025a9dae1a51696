import Foundation
import MattingCore
import Testing

/// Compare a picture with Python's.
func expect(
    _ found: Raster<UInt8>, _ expected: Raster<UInt8>, _ it: Case,
    at location: SourceLocation = #_sourceLocation
) {
    #expect(found.size == expected.size && found.channels == expected.channels, sourceLocation: location)
    expect(found.values.map { Double($0) }, expected.values.map { Double($0) }, it, at: location)
}

func expect(
    _ found: [Double], _ expected: [Double], _ it: Case, at location: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, sourceLocation: location)
    let allowed = Vectors.allowed(it.stage)
    let errors = zip(found, expected).map { abs($0 - $1) / allowed.range }
    let mean = errors.reduce(0, +) / Double(max(1, errors.count))
    let largest = errors.max() ?? 0
    #expect(mean <= allowed.mean, "mean error \(mean)", sourceLocation: location)
    #expect(largest <= allowed.largest, "largest error \(largest)", sourceLocation: location)
    report(it, mean: mean, largest: largest)
}

/// Print one row of the parity table.
func report(_ it: Case, mean: Double, largest: Double) {
    print("parity | \(it.testDescription) | \(String(format: "%.1e", mean)) | \(String(format: "%.1e", largest)) |")
}
