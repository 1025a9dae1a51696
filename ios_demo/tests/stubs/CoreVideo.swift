// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreGraphics
import Metal

public typealias OSType = UInt32
public typealias CVReturn = Int32
public typealias CVImageBuffer = CVPixelBuffer
public final class CVPixelBuffer { public init() {} }
public final class CVPixelBufferPool {}
public final class CVMetalTextureCache {}
public final class CVMetalTexture {}

public struct CVPixelBufferLockFlags: OptionSet, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let readOnly = CVPixelBufferLockFlags(rawValue: 1)
}

public let kCVReturnSuccess: CVReturn = 0
public let kCVPixelFormatType_32BGRA: OSType = 0
public let kCVPixelFormatType_OneComponent16Half: OSType = 1
public let kCVPixelFormatType_OneComponent8: OSType = 4
public let kCVPixelFormatType_420YpCbCr8BiPlanarFullRange: OSType = 2
public let kCVPixelFormatType_420YpCbCr8BiPlanarVideoRange: OSType = 3
public let kCVPixelBufferIOSurfacePropertiesKey: CFString = ""
public let kCVPixelBufferMetalCompatibilityKey: CFString = ""
public let kCVPixelBufferPixelFormatTypeKey: CFString = ""
public let kCVPixelBufferWidthKey: CFString = ""
public let kCVPixelBufferHeightKey: CFString = ""

@discardableResult
public func CVPixelBufferCreate(
    _ allocator: CFAllocator?, _ width: Int, _ height: Int, _ format: OSType, _ attributes: CFDictionary?,
    _ buffer: UnsafeMutablePointer<CVPixelBuffer?>
) -> CVReturn { 0 }
@discardableResult
public func CVPixelBufferPoolCreatePixelBuffer(
    _ allocator: CFAllocator?, _ pool: CVPixelBufferPool, _ buffer: UnsafeMutablePointer<CVPixelBuffer?>
) -> CVReturn { 0 }
@discardableResult
public func CVPixelBufferLockBaseAddress(_ buffer: CVPixelBuffer, _ flags: CVPixelBufferLockFlags) -> CVReturn { 0 }
@discardableResult
public func CVPixelBufferUnlockBaseAddress(_ buffer: CVPixelBuffer, _ flags: CVPixelBufferLockFlags) -> CVReturn { 0 }
public func CVPixelBufferGetBaseAddress(_ buffer: CVPixelBuffer) -> UnsafeMutableRawPointer? { nil }
public func CVPixelBufferGetBytesPerRow(_ buffer: CVPixelBuffer) -> Int { 0 }
public func CVPixelBufferGetWidth(_ buffer: CVPixelBuffer) -> Int { 0 }
public func CVPixelBufferGetHeight(_ buffer: CVPixelBuffer) -> Int { 0 }
public func CVPixelBufferGetPixelFormatType(_ buffer: CVPixelBuffer) -> OSType { 0 }
@discardableResult
public func CVMetalTextureCacheCreate(
    _ allocator: CFAllocator?, _ cacheAttributes: CFDictionary?, _ device: MTLDevice,
    _ textureAttributes: CFDictionary?, _ cache: UnsafeMutablePointer<CVMetalTextureCache?>
) -> CVReturn { 0 }
@discardableResult
public func CVMetalTextureCacheCreateTextureFromImage(
    _ allocator: CFAllocator?, _ cache: CVMetalTextureCache, _ image: CVImageBuffer, _ attributes: CFDictionary?,
    _ format: MTLPixelFormat, _ width: Int, _ height: Int, _ plane: Int,
    _ texture: UnsafeMutablePointer<CVMetalTexture?>
) -> CVReturn { 0 }
public func CVMetalTextureCacheFlush(_ cache: CVMetalTextureCache, _ options: UInt64) {}
public func CVMetalTextureGetTexture(_ texture: CVMetalTexture) -> MTLTexture? { nil }
