// Light where there is none: it spreads from wherever there is some, the nearer the more.

private let cellsAlongSide = 24

/// How many pixels a cell has along its side.
public func cellSide(of size: Size) -> Int { (max(size.width, size.height) + cellsAlongSide - 1) / cellsAlongSide }

/// How many cells there are; the last of a row and of a column may be smaller.
public func cellGrid(of size: Size) -> Size {
    let side = cellSide(of: size)
    return Size(width: (size.width + side - 1) / side, height: (size.height + side - 1) / side)
}

/// Mean of premultiplied light, three planes, over the whole picture; weight says how much each pixel counts.
///
/// What is d cells away counts 1 / (1 + d^2)^2 of what is here. Cells are squares of pixels, at most 24 along a side, and
/// the means are interpolated between them: smooth everywhere, however far the nearest light is.
func spread(light: [[Float]], weight: [Float], width: Int, height: Int) -> [[Float]] {
    let size = Size(width: width, height: height)
    let (side, grid) = (cellSide(of: size), cellGrid(of: size))
    let counted = totals(of: cells(of: weight, size, side: side), grid)
    let box = Box(left: 0, top: 0, right: Double(width) / Double(side), bottom: Double(height) / Double(side))
    return light.map { plane in
        let lit = totals(of: cells(of: plane, size, side: side), grid)
        let means = Raster(
            width: grid.width, height: grid.height, values: zip(lit, counted).map { $0 / max($1, 1e-20) })
        return means.resized(to: size, .bilinear, box: box).values
    }
}

/// The mean of every cell.
private func cells(of plane: [Float], _ size: Size, side: Int) -> [Float] {
    var result: [Float] = []
    for top in stride(from: 0, to: size.height, by: side) {
        for left in stride(from: 0, to: size.width, by: side) {
            let (bottom, right) = (min(size.height, top + side), min(size.width, left + side))
            var sum: Float = 0
            for y in top..<bottom {
                for x in left..<right { sum += plane[y * size.width + x] }
            }
            result.append(sum / Float((bottom - top) * (right - left)))
        }
    }
    return result
}

/// For every cell the sum of all, by how near they are.
private func totals(of cells: [Float], _ grid: Size) -> [Float] {
    cells.indices.map { here in
        var sum: Float = 0
        for there in cells.indices {
            let x = there % grid.width - here % grid.width
            let y = there / grid.width - here / grid.width
            let nearness = 1 / Float(1 + x * x + y * y)
            sum += nearness * nearness * cells[there]
        }
        return sum
    }
}
