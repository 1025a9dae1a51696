// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreGraphics

open class CALayer { public init() {} }

public final class CAMetalLayer: CALayer {
    public var colorspace: CGColorSpace?
}
