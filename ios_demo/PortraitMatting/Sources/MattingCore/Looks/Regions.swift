/// A region of a matte: its box and its number of pixels.
struct Region {
    let box: PixelPlace
    let pixels: Int
}

/// The connected regions of the pixels of a matte above a limit, in reading order.
///
/// Cells of `regionCell` x `regionCell` pixels that hold such a pixel are connected with the eight cells around them.
func regions(_ matte: Raster<Float>, above limit: Float) -> [Region] {
    let cell = StageConstants.regionCell
    let columns = (matte.width + cell - 1) / cell
    let rows = (matte.height + cell - 1) / cell
    var counts = [Int](repeating: 0, count: columns * rows)
    for i in matte.values.indices where matte.values[i] > limit {
        counts[i / matte.width / cell * columns + i % matte.width / cell] += 1
    }
    var found: [Growing] = []
    var above: [Growing] = []
    for y in 0..<rows {
        var row: [Growing] = []
        var x = 0
        while x < columns {
            let start = x
            while x < columns && counts[y * columns + x] > 0 { x += 1 }
            if x > start {
                let pixels = counts[y * columns + start..<y * columns + x].reduce(0, +)
                let run = Growing(PixelPlace(left: start, top: y, right: x, bottom: y + 1), pixels)
                var whole = run
                for other in above where other.start <= x && other.stop >= start { whole = whole.joined(other.root) }
                found.append(run)
                row.append(run)
            }
            x += 1
        }
        above = row
    }
    let roots = found.filter { $0.root === $0 }
    return roots.sorted { ($0.box.top, $0.box.left) < ($1.box.top, $1.box.left) }.map { region in
        let box = PixelPlace(
            left: region.box.left * cell, top: region.box.top * cell, right: min(region.box.right * cell, matte.width),
            bottom: min(region.box.bottom * cell, matte.height))
        return Region(box: box, pixels: region.pixels)
    }
}

/// A region that grows; one that was joined with another points to it.
private final class Growing {
    let start: Int
    let stop: Int
    var box: PixelPlace
    var pixels: Int
    private var whole: Growing?

    init(_ box: PixelPlace, _ pixels: Int) {
        (self.box, self.pixels) = (box, pixels)
        (start, stop) = (box.left, box.right)
    }

    var root: Growing { whole?.root ?? self }

    /// The region that both have become part of.
    func joined(_ other: Growing) -> Growing {
        if other === self { return self }
        other.box = box.union(other.box)
        other.pixels += pixels
        whole = other
        return other
    }
}
