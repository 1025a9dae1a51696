// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
import Foundation

public enum MTLPixelFormat { case bgra8Unorm, rgba16Float, rgba32Float, rg16Float, r32Float }

public struct MTLTextureUsage: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let shaderRead = MTLTextureUsage(rawValue: 1)
    public static let shaderWrite = MTLTextureUsage(rawValue: 2)
}

public final class MTLTextureDescriptor {
    public static func texture2DDescriptor(
        pixelFormat: MTLPixelFormat, width: Int, height: Int, mipmapped: Bool
    ) -> MTLTextureDescriptor { fatalError() }
    public var usage: MTLTextureUsage = []
}

public struct MTLSize {
    public init(width: Int, height: Int, depth: Int) {}
}

public struct MTLOrigin {
    public init(x: Int, y: Int, z: Int) {}
}

public struct MTLRegion {}

public func MTLRegionMake2D(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> MTLRegion { MTLRegion() }

public protocol MTLDrawable: AnyObject {}
public protocol MTLFunction: AnyObject {}
public protocol MTLComputePipelineState: AnyObject {
    var threadExecutionWidth: Int { get }
    var maxTotalThreadsPerThreadgroup: Int { get }
}

public protocol MTLTexture: AnyObject {
    var width: Int { get }
    var height: Int { get }
    func replace(region: MTLRegion, mipmapLevel: Int, withBytes: UnsafeRawPointer, bytesPerRow: Int)
}

public protocol MTLLibrary: AnyObject {
    func makeFunction(name: String) -> MTLFunction?
}

public protocol MTLComputeCommandEncoder: AnyObject {
    func setComputePipelineState(_ state: MTLComputePipelineState)
    func setTexture(_ texture: MTLTexture?, index: Int)
    func setBytes(_ bytes: UnsafeRawPointer, length: Int, index: Int)
    func dispatchThreadgroups(_ groups: MTLSize, threadsPerThreadgroup: MTLSize)
    func endEncoding()
}

public protocol MTLBlitCommandEncoder: AnyObject {
    func copy(
        from: MTLTexture, sourceSlice: Int, sourceLevel: Int, sourceOrigin: MTLOrigin, sourceSize: MTLSize,
        to: MTLTexture, destinationSlice: Int, destinationLevel: Int, destinationOrigin: MTLOrigin)
    func endEncoding()
}

public protocol MTLCommandBuffer: AnyObject {
    var error: Error? { get }
    func makeComputeCommandEncoder() -> MTLComputeCommandEncoder?
    func makeBlitCommandEncoder() -> MTLBlitCommandEncoder?
    func present(_ drawable: MTLDrawable)
    func commit()
    func waitUntilCompleted()
}

public protocol MTLCommandQueue: AnyObject {
    func makeCommandBuffer() -> MTLCommandBuffer?
}

public protocol MTLDevice: AnyObject {
    func makeCommandQueue() -> MTLCommandQueue?
    func makeDefaultLibrary(bundle: Bundle) throws -> MTLLibrary
    func makeComputePipelineState(function: MTLFunction) throws -> MTLComputePipelineState
    func makeTexture(descriptor: MTLTextureDescriptor) -> MTLTexture?
}

public func MTLCreateSystemDefaultDevice() -> MTLDevice? { nil }
