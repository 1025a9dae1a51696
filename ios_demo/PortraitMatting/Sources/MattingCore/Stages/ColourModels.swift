/// Local linear models of the guided filter by three colours: alpha = slopes * colours + offset.
///
/// He, Sun and Tang, "Guided image filtering", 2013, eq. 14. They are exact at every pixel of the small grid.
func colourModels(
    guide view: Raster<UInt8>, alpha: Raster<Float>
) -> (slopes: [Raster<Float>], offset: Raster<Float>) {
    let (width, height) = (alpha.width, alpha.height)
    let mean = { (x: [Float]) in boxMean(x, width: width, height: height, radius: StageConstants.guideRadius) }
    let guide = (0..<3).map { c in (0..<width * height).map { Float(view.values[3 * $0 + c]) / 255 } }
    let means = guide.map(mean)
    let meanAlpha = mean(alpha.values)
    let covariance = { (one: Int, other: Int) -> [Float] in
        let product = mean(zip(guide[one], guide[other]).map { $0 * $1 })
        let more = one == other ? Float(StageConstants.epsilonOfColours) : 0
        return product.indices.map { product[$0] - means[one][$0] * means[other][$0] + more }
    }
    var slopes = (0..<3).map { c -> [Float] in
        let product = mean(zip(guide[c], alpha.values).map { $0 * $1 })
        return product.indices.map { product[$0] - means[c][$0] * meanAlpha[$0] }
    }
    let (rr, rg, rb) = (covariance(0, 0), covariance(0, 1), covariance(0, 2))
    let (gg, gb, bb) = (covariance(1, 1), covariance(1, 2), covariance(2, 2))
    // Elimination, as for any symmetric matrix with positive eigenvalues.
    for i in meanAlpha.indices {
        let (gByR, bByR) = (rg[i] / rr[i], rb[i] / rr[i])
        let green = gg[i] - gByR * rg[i]
        let between = gb[i] - bByR * rg[i]
        let bByG = between / green
        let blue = bb[i] - (bByR * rb[i] + bByG * between)
        let g = slopes[1][i] - gByR * slopes[0][i]
        let b = (slopes[2][i] - (bByR * slopes[0][i] + bByG * g)) / blue
        slopes[2][i] = b
        slopes[1][i] = g / green - bByG * b
        slopes[0][i] = slopes[0][i] / rr[i] - (gByR * slopes[1][i] + bByR * b)
    }
    let smooth = slopes.map(mean)
    let offset = meanAlpha.indices.map { i -> Float in
        let rise = smooth[0][i] * guide[0][i] + smooth[1][i] * guide[1][i] + smooth[2][i] * guide[2][i]
        return alpha.values[i] - rise
    }
    return (
        smooth.map { Raster(width: width, height: height, values: $0) },
        Raster(width: width, height: height, values: offset)
    )
}
