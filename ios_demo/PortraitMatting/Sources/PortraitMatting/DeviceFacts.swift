import Foundation
import MattingCore

/// The device and its state, on which a benchmark's results depend.
public enum DeviceFacts {
    public static var current: BenchmarkResult.Device {
        .init(
            name: "Apple \(hardware)", system: systemName, processor: hardware,
            cores: ProcessInfo.processInfo.processorCount)
    }

    public static var thermalState: String {
        switch ProcessInfo.processInfo.thermalState {
        case .nominal: return "nominal"
        case .fair: return "fair"
        case .serious: return "serious"
        case .critical: return "critical"
        default: return "unknown"
        }
    }

    private static var systemName: String {
        let version = ProcessInfo.processInfo.operatingSystemVersion
        #if os(iOS)
            let name = "iOS"
        #else
            let name = "macOS"
        #endif
        return "\(name) \(version.majorVersion).\(version.minorVersion).\(version.patchVersion)"
    }

    /// Apple's identifier of the device, such as iPhone15,2.
    private static var hardware: String {
        var facts = utsname()
        uname(&facts)
        return withUnsafeBytes(of: &facts.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
