import CoreGraphics
import CoreVideo
import Foundation
import MattingCore
import Metal

/// The background of a live picture.
public enum LiveBackground: Sendable {
    /// The frame unchanged.
    case none
    case blur(strength: Double)
    case colour(red: Double, green: Double, blue: Double)
    case picture(CGImage)
}

/// Composes camera frames over a new background, on the GPU. Only the network's alpha passes through the CPU.
///
/// Not thread-safe: use it from one thread at a time.
public final class LiveRenderer: @unchecked Sendable {
    /// The renderer's command queue. Encode the drawing of a picture here, so that it runs after the rendering.
    public let queue: MTLCommandQueue
    public let segmenter: any ViewSegmenter

    /// Longer side to which a background picture is reduced.
    private static let backdropSide = 1280.0
    private static let kernelNames = [
        "network_view", "linear_models_slope", "linear_models", "foreground", "background_light", "background_cells",
        "background_fill", "disc_blur", "compose", "show_frame",
    ]

    private let device: MTLDevice
    private let kernels: [String: MTLComputePipelineState]
    private let cache: CVMetalTextureCache
    private var background: LiveBackground = .none
    private var backdrop: MTLTexture?
    private var smoothing = TemporalSmoothing()
    private var textures: Textures?

    /// Throws `MattingError.graphicsUnavailable` if Metal is not available.
    public init(engine segmenter: any ViewSegmenter) throws {
        guard let device = MTLCreateSystemDefaultDevice(), let queue = device.makeCommandQueue() else {
            throw MattingError.graphicsUnavailable("there is no Metal device")
        }
        var cache: CVMetalTextureCache?
        CVMetalTextureCacheCreate(nil, nil, device, nil, &cache)
        guard let cache else { throw MattingError.graphicsUnavailable("there is no texture cache") }
        do {
            let library = try device.makeDefaultLibrary(bundle: .module)
            var kernels: [String: MTLComputePipelineState] = [:]
            for name in LiveRenderer.kernelNames {
                guard let function = library.makeFunction(name: name) else {
                    throw MattingError.graphicsUnavailable("the kernel \(name) is missing")
                }
                kernels[name] = try device.makeComputePipelineState(function: function)
            }
            self.kernels = kernels
        } catch let error as MattingError {
            throw error
        } catch {
            throw MattingError.graphicsUnavailable(error.localizedDescription)
        }
        self.device = device
        self.queue = queue
        self.segmenter = segmenter
        self.cache = cache
    }

    /// The colour space of frames, backgrounds and results: sRGB, which the camera delivers and the network learned from.
    ///
    /// Throws `MattingError.graphicsUnavailable` if the system lacks it.
    public static func colourSpace() throws -> CGColorSpace {
        guard let space = CGColorSpace(name: CGColorSpace.sRGB) else {
            throw MattingError.graphicsUnavailable("the system lacks the colour space sRGB")
        }
        return space
    }

    /// Choose the background from the next frame on. Colours are in sRGB, and pictures are converted to it.
    public func setBackground(_ background: LiveBackground) throws {
        switch background {
        case .none, .blur: backdrop = nil
        case .colour(let red, let green, let blue):
            let colour = PortraitBackground.colour(red: red, green: green, blue: blue)
            backdrop = try texture(of: colour.raster(in: LiveRenderer.colourSpace()))
        case .picture(let image):
            let picture = try PortraitBackground.picture(image).raster(in: LiveRenderer.colourSpace())
            let scale = min(1, LiveRenderer.backdropSide / Double(max(picture.width, picture.height)))
            let size = PixelSize(
                width: max(1, Int(Double(picture.width) * scale)), height: max(1, Int(Double(picture.height) * scale)))
            backdrop = try texture(of: picture.shrunk(to: size, .bilinear))
        }
        self.background = background
    }

    /// Restart the temporal smoothing, after a change of camera or scene.
    public func restart() { smoothing.restart() }

    /// Compose a frame of 32-bit BGRA, and measure each stage. Blocks until the GPU is done.
    ///
    /// The frame is cropped to the network's aspect ratio, so that it is not stretched. The renderer owns the texture
    /// and overwrites it with the next frame.
    public func render(_ frame: CVPixelBuffer) throws -> (picture: MTLTexture, times: FrameTimes) {
        let start = DispatchTime.now()
        let size = PixelSize(width: CVPixelBufferGetWidth(frame), height: CVPixelBufferGetHeight(frame))
        let textures = try textures(for: size)
        let wrapped = try wrap(frame)
        // Metal reads the frame's memory until the GPU is done, and `run` waits for that.
        defer { withExtendedLifetime(wrapped) {} }
        let whole = wrapped.texture
        if case .none = background {
            try run {
                try encode("show_frame", $0, [whole, textures.result], part: textures.part, over: textures.result)
            }
            return (textures.result, FrameTimes(pre: 0, inference: 0, post: milliseconds(since: start)))
        }
        try run { try encode("network_view", $0, [whole, textures.view], part: textures.part, over: textures.view) }
        let viewed = DispatchTime.now()
        let alpha = try segmenter.alpha(of: textures.viewBuffer)
        let inferred = DispatchTime.now()
        try compose(whole, textures, alpha: settle(smoothing.smooth(alpha)))
        return (
            textures.result,
            FrameTimes(
                pre: milliseconds(from: start, to: viewed), inference: milliseconds(from: viewed, to: inferred),
                post: milliseconds(since: inferred))
        )
    }

    /// Copy a picture that `render` returned into a 32-bit BGRA buffer, as far as it fits. Blocks until the GPU is done.
    public func copy(_ picture: MTLTexture, to buffer: CVPixelBuffer) throws {
        let wrapped = try wrap(buffer)
        defer { withExtendedLifetime(wrapped) {} }
        let target = wrapped.texture
        try run { commands in
            guard let blit = commands.makeBlitCommandEncoder() else {
                throw MattingError.graphicsUnavailable("a picture could not be copied")
            }
            blit.copy(
                from: picture, sourceSlice: 0, sourceLevel: 0, sourceOrigin: MTLOrigin(x: 0, y: 0, z: 0),
                sourceSize: MTLSize(
                    width: min(picture.width, target.width), height: min(picture.height, target.height), depth: 1),
                to: target, destinationSlice: 0, destinationLevel: 0, destinationOrigin: MTLOrigin(x: 0, y: 0, z: 0))
            blit.endEncoding()
        }
    }

    private func compose(_ frame: MTLTexture, _ textures: Textures, alpha: Raster<Float>) throws {
        fill(textures.alpha, with: alpha.values)
        try run { buffer in
            try encode(
                "linear_models_slope", buffer, [textures.view, textures.alpha, textures.slopes], constants: [],
                over: textures.slopes)
            try encode(
                "linear_models", buffer, [textures.slopes, textures.models], constants: [], over: textures.models)
            var radius = Int32(StageConstants.liveForegroundRadius)
            try encode(
                "foreground", buffer, [textures.view, textures.alpha, textures.foreground, textures.background],
                constants: [Data(bytes: &radius, count: 4)], over: textures.foreground)
            var behind = backdrop ?? textures.blurred
            if case .blur(let strength) = background {
                var radius = Float(discRadius(strength: strength, size: alpha.size))
                var side = Int32(cellSide(of: alpha.size))
                try encode(
                    "background_light", buffer, [textures.view, textures.alpha, textures.lights], constants: [],
                    over: textures.lights)
                try encode(
                    "background_cells", buffer, [textures.lights, textures.cells],
                    constants: [Data(bytes: &side, count: 4)], over: textures.cells)
                try encode(
                    "background_fill", buffer, [textures.cells, textures.filled], constants: [], over: textures.filled)
                try encode(
                    "disc_blur", buffer, [textures.lights, textures.filled, textures.blurred],
                    constants: [Data(bytes: &radius, count: 4), Data(bytes: &side, count: 4)], over: textures.blurred)
                behind = textures.blurred
            }
            let cover = coverBox(
                picture: PixelSize(width: behind.width, height: behind.height),
                frame: PixelSize(width: textures.result.width, height: textures.result.height))
            try encode(
                "compose", buffer,
                [frame, textures.models, textures.foreground, textures.background, behind, textures.result],
                constants: [constant(textures.part), constant(cover)], over: textures.result)
        }
    }

    /// The textures for frames of one size, kept from frame to frame.
    private struct Textures {
        let frame: PixelSize
        let part: PixelBox
        let viewBuffer: CVPixelBuffer
        let wrappedView: Wrapped
        let alpha: MTLTexture
        let slopes: MTLTexture
        let models: MTLTexture
        let foreground: MTLTexture
        let background: MTLTexture
        let lights: MTLTexture
        let cells: MTLTexture
        let filled: MTLTexture
        let blurred: MTLTexture
        let result: MTLTexture

        var view: MTLTexture { wrappedView.texture }
    }

    /// A pixel buffer's memory as a texture, which is valid as long as its owner lives.
    private struct Wrapped {
        let owner: CVMetalTexture
        let texture: MTLTexture
    }

    private func textures(for frame: PixelSize) throws -> Textures {
        if let textures, textures.frame == frame { return textures }
        let seen = segmenter.inputSize(for: frame)
        let cover = coverBox(picture: frame, frame: seen)
        // Whole pixels, so that the result needs no resampling.
        let part = PixelBox(
            left: cover.left.rounded(.down), top: cover.top.rounded(.down),
            right: cover.left.rounded(.down) + cover.width.rounded(.down),
            bottom: cover.top.rounded(.down) + cover.height.rounded(.down))
        let half = PixelSize(width: seen.width / 2, height: seen.height / 2)
        let buffer = try PixelBuffers.make(seen)
        textures = nil
        CVMetalTextureCacheFlush(cache, 0)
        let made = Textures(
            frame: frame, part: part, viewBuffer: buffer, wrappedView: try wrap(buffer),
            alpha: try texture(seen, .r32Float), slopes: try texture(seen, .rgba32Float),
            models: try texture(seen, .rg16Float),
            foreground: try texture(half, .rgba16Float), background: try texture(half, .rgba16Float),
            lights: try texture(seen, .rgba16Float),
            cells: try texture(cellGrid(of: seen), .rgba16Float), filled: try texture(cellGrid(of: seen), .rgba16Float),
            blurred: try texture(half, .bgra8Unorm),
            result: try texture(PixelSize(width: Int(part.width), height: Int(part.height)), .bgra8Unorm))
        textures = made
        return made
    }

    private func texture(_ size: PixelSize, _ format: MTLPixelFormat) throws -> MTLTexture {
        let descriptor = MTLTextureDescriptor.texture2DDescriptor(
            pixelFormat: format, width: size.width, height: size.height, mipmapped: false)
        descriptor.usage = [.shaderRead, .shaderWrite]
        guard let texture = device.makeTexture(descriptor: descriptor) else {
            throw MattingError.graphicsUnavailable("a texture could not be allocated")
        }
        return texture
    }

    /// Wrap a pixel buffer's memory in a texture, without a copy.
    private func wrap(_ buffer: CVPixelBuffer) throws -> Wrapped {
        var wrapped: CVMetalTexture?
        CVMetalTextureCacheCreateTextureFromImage(
            nil, cache, buffer, nil, .bgra8Unorm, CVPixelBufferGetWidth(buffer), CVPixelBufferGetHeight(buffer), 0,
            &wrapped)
        guard let wrapped, let texture = CVMetalTextureGetTexture(wrapped) else {
            throw MattingError.graphicsUnavailable("a frame could not be wrapped in a texture")
        }
        return Wrapped(owner: wrapped, texture: texture)
    }

    private func texture(of picture: Raster<UInt8>) throws -> MTLTexture {
        let texture = try texture(picture.size, .bgra8Unorm)
        var bytes = [UInt8](repeating: 255, count: 4 * picture.width * picture.height)
        for i in 0..<picture.width * picture.height {
            for c in 0..<3 { bytes[4 * i + 2 - c] = picture.values[3 * i + c] }
        }
        fill(texture, with: bytes)
        return texture
    }

    private func fill<Number>(_ texture: MTLTexture, with numbers: [Number]) {
        numbers.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            texture.replace(
                region: MTLRegionMake2D(0, 0, texture.width, texture.height), mipmapLevel: 0, withBytes: base,
                bytesPerRow: bytes.count / texture.height)
        }
    }

    private func run(_ body: (MTLCommandBuffer) throws -> Void) throws {
        guard let buffer = queue.makeCommandBuffer() else {
            throw MattingError.graphicsUnavailable("there is no command buffer")
        }
        try body(buffer)
        buffer.commit()
        buffer.waitUntilCompleted()
        if let error = buffer.error { throw MattingError.graphicsUnavailable(error.localizedDescription) }
    }

    private func encode(
        _ name: String, _ buffer: MTLCommandBuffer, _ textures: [MTLTexture], part: PixelBox, over target: MTLTexture
    ) throws {
        try encode(name, buffer, textures, constants: [constant(part)], over: target)
    }

    private func encode(
        _ name: String, _ buffer: MTLCommandBuffer, _ textures: [MTLTexture], constants: [Data],
        over target: MTLTexture
    ) throws {
        guard let kernel = kernels[name], let encoder = buffer.makeComputeCommandEncoder() else {
            throw MattingError.graphicsUnavailable("the kernel \(name) could not be encoded")
        }
        encoder.setComputePipelineState(kernel)
        for (i, texture) in textures.enumerated() { encoder.setTexture(texture, index: i) }
        for (i, constant) in constants.enumerated() {
            constant.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { encoder.setBytes(base, length: bytes.count, index: i) }
            }
        }
        let group = ThreadGroup(
            threadsAtOnce: kernel.threadExecutionWidth, most: kernel.maxTotalThreadsPerThreadgroup)
        let groups = group.count(over: PixelSize(width: target.width, height: target.height))
        encoder.dispatchThreadgroups(
            MTLSize(width: groups.width, height: groups.height, depth: 1),
            threadsPerThreadgroup: MTLSize(width: group.width, height: group.height, depth: 1))
        encoder.endEncoding()
    }

    /// A box as the shaders' struct Box.
    private func constant(_ box: PixelBox) -> Data {
        let numbers = [Float(box.left), Float(box.top), Float(box.width), Float(box.height)]
        return numbers.withUnsafeBytes { Data($0) }
    }
}

private func milliseconds(from start: DispatchTime, to end: DispatchTime) -> Double {
    Double(end.uptimeNanoseconds - start.uptimeNanoseconds) / 1e6
}

private func milliseconds(since start: DispatchTime) -> Double { milliseconds(from: start, to: .now()) }
