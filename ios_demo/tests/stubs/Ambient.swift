// Stub: declares what Apple's Foundation and SwiftPM provide without an import. Compiled together with the sources that
// use it.
import Foundation

func autoreleasepool<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }

extension Bundle {
    static var module: Bundle { fatalError() }
}

extension ProcessInfo {
    /// The last case stands for cases that later systems may add.
    enum ThermalState { case nominal, fair, serious, critical, later }

    var thermalState: ThermalState { .nominal }
}
