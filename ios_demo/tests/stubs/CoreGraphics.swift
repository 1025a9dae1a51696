// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import Foundation

// Apple's systems bridge these types to Foundation's; here they are aliases.
public typealias CFString = String
public typealias CFData = Data
public typealias CFMutableData = NSMutableData
public typealias CFDictionary = [AnyHashable: Any]
public typealias CFAllocator = Never

public enum CGColorSpaceModel { case rgb, monochrome, cmyk }

public final class CGColorSpace: Sendable {
    public static let sRGB = ""
    public init?(name: CFString) { nil }
    public var model: CGColorSpaceModel { fatalError() }
    public var supportsOutput: Bool { fatalError() }
}

public func CGColorSpaceCreateDeviceGray() -> CGColorSpace { fatalError() }

public enum CGImageAlphaInfo: UInt32 {
    case none, premultipliedLast, premultipliedFirst, last, first, noneSkipLast, noneSkipFirst, alphaOnly
}

public struct CGBitmapInfo { public init(rawValue: UInt32) {} }

public enum CGColorRenderingIntent { case defaultIntent }

public final class CGDataProvider { public init?(data: CFData) { nil } }

public final class CGImage: Sendable {
    public init?(
        width: Int, height: Int, bitsPerComponent: Int, bitsPerPixel: Int, bytesPerRow: Int, space: CGColorSpace,
        bitmapInfo: CGBitmapInfo, provider: CGDataProvider, decode: UnsafePointer<CGFloat>?, shouldInterpolate: Bool,
        intent: CGColorRenderingIntent
    ) { nil }
    public var width: Int { fatalError() }
    public var height: Int { fatalError() }
    public var colorSpace: CGColorSpace? { fatalError() }
    public var alphaInfo: CGImageAlphaInfo { fatalError() }
}

public final class CGContext {
    public init?(
        data: UnsafeMutableRawPointer?, width: Int, height: Int, bitsPerComponent: Int, bytesPerRow: Int,
        space: CGColorSpace, bitmapInfo: UInt32
    ) { nil }
    public func draw(_ image: CGImage, in rect: CGRect) {}
}

extension CGImage: Equatable { public static func == (a: CGImage, b: CGImage) -> Bool { a === b } }
