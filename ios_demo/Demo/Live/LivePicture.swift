import MetalKit
import PortraitMattingKit
import QuartzCore
import SwiftUI

/// Shows the newest picture of a pipeline.
///
/// Draws only new pictures, of which the camera delivers 30 per second, and at most 60 times a second even on faster
/// screens.
struct LivePicture: UIViewRepresentable {
    let pipeline: LivePipeline
    /// Whether the picture covers the whole view, which may cut its edges; else the view shows all of it.
    let covers: Bool

    func makeUIView(context: Context) -> MTKView {
        let view = MTKView()
        view.device = MTLCreateSystemDefaultDevice()
        view.framebufferOnly = false
        view.autoResizeDrawable = false
        view.colorPixelFormat = .bgra8Unorm
        // Without a colour space the layer shows codes in the screen's own, P3 on most phones, and colours glow.
        (view.layer as? CAMetalLayer)?.colorspace = try? LiveRenderer.colourSpace()
        view.preferredFramesPerSecond = 60
        view.clipsToBounds = true
        view.delegate = context.coordinator
        return view
    }

    func updateUIView(_ view: MTKView, context: Context) {
        view.contentMode = covers ? .scaleAspectFill : .scaleAspectFit
    }

    func makeCoordinator() -> Screen { Screen(pipeline: pipeline) }

    @MainActor final class Screen: NSObject, MTKViewDelegate {
        private let pipeline: LivePipeline
        private var shown = 0

        init(pipeline: LivePipeline) { self.pipeline = pipeline }

        func mtkView(_ view: MTKView, drawableSizeWillChange size: CGSize) {}

        func draw(in view: MTKView) {
            guard let queue = pipeline.queue, let new = pipeline.newest(after: shown) else { return }
            let size = CGSize(width: new.picture.width, height: new.picture.height)
            if view.drawableSize != size { view.drawableSize = size }
            guard
                let drawable = view.currentDrawable, let buffer = queue.makeCommandBuffer(),
                let blit = buffer.makeBlitCommandEncoder(),
                drawable.texture.width == new.picture.width, drawable.texture.height == new.picture.height
            else { return }
            blit.copy(
                from: new.picture, sourceSlice: 0, sourceLevel: 0, sourceOrigin: MTLOrigin(x: 0, y: 0, z: 0),
                sourceSize: MTLSize(width: new.picture.width, height: new.picture.height, depth: 1),
                to: drawable.texture, destinationSlice: 0, destinationLevel: 0,
                destinationOrigin: MTLOrigin(x: 0, y: 0, z: 0))
            blit.endEncoding()
            buffer.present(drawable)
            buffer.commit()
            shown = new.count
        }
    }
}
