/// How frames are measured: the protocol of docs/benchmark.md, the same in Python and in all apps, so that their results
/// can be compared.
///
/// Two things differ: the app has no sample portrait, so its frames are noise, and it has no mode that computes the matte
/// and shows the frame as it is, so the effect "none" is missing.
public enum BenchmarkProtocol {
    public static let frame = PixelSize(width: 1280, height: 720)
    public static let content = "noise"
    public static let warmUp = 10
    public static let rounds = 100
    /// Of fewer rounds the 99th percentile is little more than the largest time.
    public static let p99From = 100
    public static let pacedFPS = 30.0
    public static let pacedSeconds = 5.0
    public static let sustainedSeconds = 60.0
    public static let colour = (red: 0.0, green: 160.0 / 255, blue: 80.0 / 255)
    public static let blurStrength = 0.5
}

/// What is done with the matte at the frame's size.
public enum BenchmarkEffect: String, CaseIterable, Codable, Sendable { case colour, blur }
