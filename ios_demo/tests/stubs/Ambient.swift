// Stub: what Apple's Foundation and SwiftPM give every source without an import. Compiled with the sources it serves.
import Foundation

func autoreleasepool<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }

extension Bundle {
    static var module: Bundle { fatalError() }
}

extension ProcessInfo {
    /// The last one stands for what later systems may add.
    enum ThermalState { case nominal, fair, serious, critical, later }

    var thermalState: ThermalState { .nominal }
}
