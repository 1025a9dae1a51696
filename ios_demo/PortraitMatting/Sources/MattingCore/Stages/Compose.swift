// Cut a person out, or put a person over another background.

/// Rows that `compose` resizes at a time, to bound its memory.
private let strip = 256

/// Cut the person out: an RGBA picture with straight (not premultiplied) colours, the estimated foreground and the
/// matte.
///
/// Near the matte's edge the colours continue outwards, so that resampling the cut-out shows no dark fringe. Farther
/// away they are black, which compresses well. Throws `CancellationError` if its task was cancelled.
public func cutOut(image: Raster<UInt8>, matte: Raster<UInt8>) throws -> Raster<UInt8> {
    let foreground = try estimateForeground(image: image, matte: matte)
    let reach = max(1, max(matte.width, matte.height) / StageConstants.cutOutCells)
    let near = dilated(matte.reduced(by: reach, reach))
    let part = PixelBox(
        left: 0, top: 0, right: Double(matte.width) / Double(reach), bottom: Double(matte.height) / Double(reach))
    let shown = near.nearest(to: matte.size, box: part)
    var result = Raster<UInt8>(width: image.width, height: image.height, channels: 4, filledWith: 0)
    foreground.values.withUnsafeBufferPointer { colours in
        result.values.withUnsafeMutableBufferPointer { result in
            for i in 0..<matte.values.count {
                if shown.values[i] > 0 {
                    for c in 0..<3 { result[4 * i + c] = colours[3 * i + c] }
                }
                result[4 * i + 3] = matte.values[i]
            }
        }
    }
    return result
}

/// Put the person over a picture, which is resized to cover the photo and cropped at the centre.
///
/// A picture of one pixel is a plain colour. Throws `CancellationError` if its task was cancelled.
public func replaceBackground(
    image: Raster<UInt8>, matte: Raster<UInt8>, with picture: Raster<UInt8>
) throws -> Raster<UInt8> {
    var result = try estimateForeground(image: image, matte: matte)
    try compose(&result, matte: matte, over: picture)
    return result
}

/// Replace foreground colours F by alpha F + (1 - alpha) B in place; B is the picture, resized to cover the frame.
///
/// Throws `CancellationError` if its task was cancelled.
package func compose(_ foreground: inout Raster<UInt8>, matte: Raster<UInt8>, over picture: Raster<UInt8>) throws {
    precondition(foreground.size == matte.size && foreground.channels == 3 && picture.channels == 3)
    let (width, height) = (foreground.width, foreground.height)
    let cover = coverBox(picture: picture.size, frame: foreground.size)
    for top in stride(from: 0, to: height, by: strip) {
        try Task.checkCancellation()
        let bottom = min(top + strip, height)
        let box = PixelBox(
            left: cover.left, top: cover.top + cover.height * Double(top) / Double(height), right: cover.right,
            bottom: min(cover.bottom, cover.top + cover.height * Double(bottom) / Double(height)))
        let behind = picture.resized(to: PixelSize(width: width, height: bottom - top), .bicubic, box: box)
        foreground.values.withUnsafeMutableBufferPointer { result in
            matte.values.withUnsafeBufferPointer { alpha in
                for i in 0..<width * (bottom - top) {
                    for c in 0..<3 {
                        let at = 3 * (top * width + i) + c
                        result[at] = blended(behind.values[3 * i + c], result[at], alpha[top * width + i])
                    }
                }
            }
        }
    }
}

/// The largest centred part of a picture with the frame's aspect ratio.
package func coverBox(picture: PixelSize, frame: PixelSize) -> PixelBox {
    let across = Double(picture.width) / Double(frame.width)
    let down = Double(picture.height) / Double(frame.height)
    let scale = min(across, down)
    let width = min(Double(picture.width), Double(frame.width) * scale)
    let height = min(Double(picture.height), Double(frame.height) * scale)
    let left = (Double(picture.width) - width) / 2
    let top = (Double(picture.height) - height) / 2
    return PixelBox(
        left: left, top: top, right: min(Double(picture.width), left + width),
        bottom: min(Double(picture.height), top + height))
}

/// The maximum of every 3 x 3 neighbourhood.
private func dilated(_ matte: Raster<UInt8>) -> Raster<UInt8> {
    var result = matte
    for y in 0..<matte.height {
        for x in 0..<matte.width {
            var largest: UInt8 = 0
            for row in max(0, y - 1)...min(matte.height - 1, y + 1) {
                for column in max(0, x - 1)...min(matte.width - 1, x + 1) {
                    largest = max(largest, matte.values[row * matte.width + column])
                }
            }
            result.values[y * matte.width + x] = largest
        }
    }
    return result
}
