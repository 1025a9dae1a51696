// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreGraphics
@_exported import Metal
import UIKit

public protocol CAMetalDrawable: MTLDrawable {
    var texture: MTLTexture { get }
}

@MainActor public protocol MTKViewDelegate: AnyObject {
    func mtkView(_ view: MTKView, drawableSizeWillChange size: CGSize)
    func draw(in view: MTKView)
}

@MainActor public final class MTKView: UIView {
    public var device: MTLDevice?
    public var delegate: MTKViewDelegate?
    public var framebufferOnly = true
    public var autoResizeDrawable = true
    public var colorPixelFormat = MTLPixelFormat.bgra8Unorm
    public var preferredFramesPerSecond = 60
    public var drawableSize = CGSize.zero
    public var currentDrawable: CAMetalDrawable? { nil }
}
